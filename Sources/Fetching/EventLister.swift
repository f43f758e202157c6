// SPDX-License-Identifier: Apache-2.0

import Notation
import Store
import StripeAPI

/// Reads Stripe's list of events, a page at a time, and trusts its order in nothing: Stripe lists the newest first, others
/// do not. Source: https://docs.stripe.com/api/events/list
struct EventLister: Sendable {
    let client: StripeClient

    /// The page that comes next on a walk.
    /// - Throws: `StripeAPIError`; `CancellationError`.
    func page(of listing: EventListing) async throws -> (page: ListedPage, answer: StripeAnswer) {
        let answer = try await StripePage.answer(
            "/v1/events", after: listing.after,
            [("created[gte]", "\(listing.since.seconds)"), ("created[lte]", "\(listing.until.seconds)")], from: client
        ) { $0.account = listing.account }
        let page = try EventPage(answer, after: listing.after, account: listing.account)
        return (try Self.listed(page), answer)
    }

    private static func listed(_ page: EventPage) throws(StripeAPIError) -> ListedPage {
        var deliveries: [Delivery] = []
        for payload in page.events {
            guard let delivery = Delivery(payload: payload, source: .backfill) else {
                throw .unreadable("OpenSSL cannot hash it")
            }
            deliveries.append(delivery)
        }
        return ListedPage(deliveries, next: page.next, hasMore: page.hasMore)
    }
}

extension JSON {
    /// As a webhook shows it: what is listed for an account does not name it, and would be taken for the platform's own.
    func from(account: String?) -> JSON {
        guard let account, var members = object, self["account"] == nil else { return self }
        members["account"] = .string(account)
        return .object(members)
    }
}
