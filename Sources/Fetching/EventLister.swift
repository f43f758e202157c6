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
    func page(of listing: EventListing) async throws -> ListedPage {
        var request = StripePage.request(
            "/v1/events", after: listing.after,
            [("created[gte]", "\(listing.since.seconds)"), ("created[lte]", "\(listing.until.seconds)")])
        request.account = listing.account
        return try Self.page(try await client.send(request), of: listing)
    }

    static func page(_ answer: JSON, of listing: EventListing) throws(StripeAPIError) -> ListedPage {
        let page = try StripePage(answer, after: listing.after)
        var deliveries: [Delivery] = []
        for event in page.data {
            let payload = event.from(account: listing.account).bytes
            guard let delivery = Delivery(payload: payload, source: .backfill) else {
                throw .unreadable("OpenSSL cannot hash it")
            }
            deliveries.append(delivery)
        }
        return ListedPage(deliveries, next: page.next)
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
