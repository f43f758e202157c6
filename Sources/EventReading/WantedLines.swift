// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Stripe

/// Lines that an event does not carry, or not all of them, and that may say how many credits were bought.
package struct WantedLines: Sendable, Hashable {
    private enum Kind: Sendable, Hashable { case checkoutSession, invoice }

    private let kind: Kind
    /// Whose lines they are: `cs_…` or `in_…`.
    package let object: String
    /// The connected account it belongs to; nil for the platform's own.
    package let account: String?

    /// - Returns: nil if the event can be read without them.
    package init?(_ event: Event, policy: Policy, prices: [String: Price]) {
        guard let topic = EventTopic(event.type), event.livemode == policy.livemode, let object = event.object,
            event.account.map(policy.connectedAccounts.contains) ?? true
        else { return nil }
        switch topic {
        case .checkoutSession:
            // Metadata has precedence, and without a price map no line says anything.
            guard let session = try? CheckoutSession(object), session.mode == "payment", session.lines == nil,
                let metadata = try? session.metadata.get(), metadata[policy.creditsKey] == nil, !prices.isEmpty
            else { return nil }
            (kind, self.object) = (.checkoutSession, session.id)
        case .invoice:
            // They also say how far it reaches, and whether it only sells credits.
            guard let invoice = try? Stripe.Invoice(object), (try? invoice.terms.get())?.hasMoreLines == true else {
                return nil
            }
            (kind, self.object) = (.invoice, invoice.id)
        case .paymentIntent, .charge, .refund, .dispute, .invoicePayment, .subscription, .customerDeleted: return nil
        }
        account = event.account
    }

    /// Where Stripe's API lists them.
    package var path: String {
        switch kind {
        case .checkoutSession: "/v1/checkout/sessions/\(object)/line_items"
        case .invoice: "/v1/invoices/\(object)/lines"
        }
    }

    /// The event as if it had carried them.
    /// - Parameter lines: all of them, as they were fetched.
    package func splice(_ lines: [JSON], into event: Event) -> Event {
        let list: JSON = ["object": "list", "data": .array(lines), "has_more": false]
        switch kind {
        case .checkoutSession: return event.replacing("line_items", with: list)
        case .invoice: return event.replacing("lines", with: list)
        }
    }
}
