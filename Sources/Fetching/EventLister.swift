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
        let (page, answer) = try await StripePage.read(
            "/v1/events", after: listing.after,
            [("created[gte]", "\(listing.since.seconds)"), ("created[lte]", "\(listing.until.seconds)")], from: client
        ) { $0.account = listing.account }
        return (try Self.listed(page, of: listing), answer)
    }

    private static func listed(_ page: StripePage, of listing: EventListing) throws(StripeAPIError) -> ListedPage {
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
