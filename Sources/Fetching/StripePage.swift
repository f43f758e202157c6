// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe
import StripeAPI

/// One page of a list of Stripe's API. Source: https://docs.stripe.com/api/pagination
struct StripePage: Sendable {
    /// The most that Stripe lists at once.
    private static let size = "100"

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

    /// - Parameters:
    ///   - last: the id that the page begins after; nil for the first page.
    ///   - filter: what else is asked for.
    static func request(
        _ path: String, after last: String?, _ filter: [(name: String, value: String)] = []
    ) -> StripeRequest {
        .get(path, pairs: filter + [("limit", size)] + (last.map { [("starting_after", $0)] } ?? []))
    }
}
