// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe
import StripeAPI

/// One page of a list of Stripe's API. Source: https://docs.stripe.com/api/pagination
struct StripePage: Sendable {
    /// The most that Stripe lists at once.
    static let size = 100

    let data: [JSON]
    /// Whether there is a next page.
    let hasMore: Bool

    init(_ answer: JSON) throws(StripeAPIError) {
        guard let data = answer["data"]?.array, let hasMore = answer["has_more"]?.bool else {
            throw .unreadable("it is no list")
        }
        self.data = data
        self.hasMore = hasMore
    }

    /// The id that the next page begins after: that of the last element, as one that is listed twice would count twice.
    /// - Parameter last: the id that this page began after; nil for the first page.
    /// - Returns: nil: there is no next page.
    func next(after last: String?) throws(StripeAPIError) -> String? {
        guard hasMore else { return nil }
        // It goes into the next request, and into the database. A list that begins anew each time would never end.
        guard let id = data.last?["id"]?.string, ID.isValid(id), id != last else {
            throw .unreadable("its list does not go on")
        }
        return id
    }

    /// Asks for a page, and for a smaller one where that is too large to be read.
    /// - Parameters:
    ///   - last: the id that the page begins after; nil for the first page.
    ///   - filter: what else is asked for.
    ///   - prepare: says for whom the request is sent.
    /// - Throws: `StripeAPIError`; `CancellationError`.
    static func answer(
        _ path: String, after last: String?, _ filter: [(name: String, value: String)] = [],
        from client: StripeClient, _ prepare: (inout StripeRequest) -> Void
    ) async throws -> StripeAnswer {
        var size = Self.size
        while true {
            var request = StripeRequest.get(
                path, pairs: filter + [("limit", "\(size)")] + (last.map { [("starting_after", $0)] } ?? []))
            prepare(&request)
            do {
                return try await client.answer(to: request)
            } catch StripeAPIError.tooLarge where size > 1 {
                size /= 10
            }
        }
    }
}
