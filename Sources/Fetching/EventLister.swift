// SPDX-License-Identifier: Apache-2.0

import Notation
import Store
import StripeAPI

/// Reads Stripe's list of events, a page at a time, and trusts its order in nothing: Stripe lists the newest first, others
/// do not. Source: https://docs.stripe.com/api/events/list
struct EventLister: Sendable {
    /// The most that Stripe lists at once.
    private static let pageSize = "100"

    let client: StripeClient

    /// The page that comes next on a walk.
    /// - Throws: `StripeAPIError`; `CancellationError`.
    func page(of listing: EventListing) async throws -> ListedPage {
        let (since, until) = ("\(listing.since.seconds)", "\(listing.until.seconds)")
        var request: StripeRequest =
            if let after = listing.after {
                .get(
                    "/v1/events",
                    [
                        "created[gte]": since, "created[lte]": until, "limit": Self.pageSize, "starting_after": after,
                    ])
            } else {
                .get("/v1/events", ["created[gte]": since, "created[lte]": until, "limit": Self.pageSize])
            }
        request.account = listing.account
        return try Self.page(try await client.send(request), of: listing)
    }

    static func page(_ answer: JSON, of listing: EventListing) throws(StripeAPIError) -> ListedPage {
        guard let events = answer["data"]?.array, let hasMore = answer["has_more"]?.bool else {
            throw .unreadable("it is no list")
        }
        var deliveries: [Delivery] = []
        for event in events {
            let payload = event.from(account: listing.account).bytes
            guard let delivery = Delivery(payload: payload, source: .backfill) else {
                throw .unreadable("OpenSSL cannot hash it")
            }
            deliveries.append(delivery)
        }
        guard hasMore else { return ListedPage(deliveries, next: nil) }
        // A list that begins anew each time would never end.
        guard let last = events.last?["id"]?.string, last != listing.after else {
            throw .unreadable("its list does not go on")
        }
        return ListedPage(deliveries, next: last)
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
