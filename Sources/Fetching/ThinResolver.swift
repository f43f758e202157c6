// SPDX-License-Identifier: Apache-2.0

import EventReading
import Notation
import Store
import Stripe
import StripeAPI

/// Asks Stripe what a thin event is about. Each request is sent once: the table of fetches has it asked again.
struct ThinResolver: Sendable {
    enum Resolution: Sendable {
        /// The event that it is the thin form of: both are one in the inbox.
        case event(Delivery)
        case object(String)
        /// Stripe says nothing that could be asked for.
        case nothing(String)
    }

    let client: StripeClient
    let address: APIAddress

    /// - Throws: `StripeAPIError`; `CancellationError`.
    func resolve(_ fetch: EventFetch, account: String?) async throws -> Resolution {
        var request = StripeRequest.get("/v2/core/events/\(PercentEncoding.segment(fetch.event))")
        request.context = account
        request.trigger = fetch.event
        request.sendOnce()
        switch ThinEvent.content(of: try await client.send(request)) {
        case .snapshot(let id): return .event(try await snapshot(id, account, because: fetch.event))
        case .object(let url):
            guard let object = ObjectKind.object(at: url, base: address) else {
                return .nothing("it is about an object that no rule reads")
            }
            return .object(object.id)
        case .unmade(let type, let id):
            guard ObjectKind(eventType: type) != nil, ObjectKind(id: id) != nil else {
                return .nothing("it is about an object that no rule reads")
            }
            return .object(id)
        case nil: return .nothing("it names neither an event nor an object")
        }
    }

    private func snapshot(_ id: String, _ account: String?, because trigger: String) async throws -> Delivery {
        var request = StripeRequest.get("/v1/events/\(PercentEncoding.segment(id))")
        request.account = account
        request.trigger = trigger
        request.sendOnce()
        let event = try await client.send(request)
        guard event["object"]?.string == "event" else {
            throw StripeAPIError.unreadable("what a thin event is the form of is no snapshot event")
        }
        guard let delivery = Delivery(payload: event.from(account: account).bytes, source: .thin) else {
            throw StripeAPIError.unreadable("OpenSSL cannot hash it")
        }
        guard delivery.id == id else { throw StripeAPIError.unreadable("it is another event") }
        return delivery
    }
}
