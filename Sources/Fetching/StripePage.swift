// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe
import StripeAPI

/// One page of a list of Stripe's API. Source: https://docs.stripe.com/api/pagination
struct StripePage: Sendable {
    /// The most that Stripe lists at once.
    private static let size = 100

    let data: [JSON]
    /// The id that the next page begins after; nil: there is no next page.
    let next: String?

    /// - Parameter last: the id that this page began after; nil for the first page.
    init(_ answer: JSON, after last: String?) throws(StripeAPIError) {
        guard let data = answer["data"]?.array, let hasMore = answer["has_more"]?.bool else {
            throw .unreadable("it is no list")
        }
        self.data = data
        guard hasMore else {
            next = nil
            return
        }
        // It goes into the next request, and into the database. A list that begins anew each time would never end.
        guard let id = data.last?["id"]?.string, ID.isValid(id), id != last else {
            throw .unreadable("its list does not go on")
        }
        next = id
    }

    /// Asks for a page, and for a smaller one where that is too large to be read.
    /// - Parameters:
    ///   - last: the id that the page begins after; nil for the first page.
    ///   - filter: what else is asked for.
    ///   - prepare: says for whom the request is sent.
    /// - Throws: `StripeAPIError`; `CancellationError`.
    static func read(
        _ path: String, after last: String?, _ filter: [(name: String, value: String)] = [],
        from client: StripeClient, _ prepare: (inout StripeRequest) -> Void
    ) async throws -> (page: StripePage, answer: StripeAnswer) {
        var size = Self.size
        while true {
            var request = StripeRequest.get(
                path, pairs: filter + [("limit", "\(size)")] + (last.map { [("starting_after", $0)] } ?? []))
            prepare(&request)
            do {
                let answer = try await client.answer(to: request)
                return (try StripePage(answer.body, after: last), answer)
            } catch StripeAPIError.tooLarge where size > 1 {
                size /= 10
            }
        }
    }
}
