// SPDX-License-Identifier: Apache-2.0

import Stripe

/// A kind of Stripe's objects that rules are about.
package enum ObjectKind: String, Sendable, Hashable, CaseIterable {
    case customer, subscription, invoice, charge, refund, dispute
    case paymentIntent = "payment_intent"
    case checkoutSession = "checkout.session"
    case invoicePayment = "invoice_payment"

    /// Where Stripe's API lists them.
    var path: String {
        switch self {
        case .customer: "/v1/customers"
        case .subscription: "/v1/subscriptions"
        case .invoice: "/v1/invoices"
        case .charge: "/v1/charges"
        case .refund: "/v1/refunds"
        case .dispute: "/v1/disputes"
        case .paymentIntent: "/v1/payment_intents"
        case .checkoutSession: "/v1/checkout/sessions"
        case .invoicePayment: "/v1/invoice_payments"
        }
    }

    private static let prefixes: [String: ObjectKind] = [
        "cus": .customer, "sub": .subscription, "in": .invoice, "ch": .charge, "py": .charge, "re": .refund,
        "pyr": .refund, "du": .dispute, "dp": .dispute, "pi": .paymentIntent, "cs": .checkoutSession,
        "inpay": .invoicePayment,
    ]

    /// By the prefix of an id: `in_1` is an invoice.
    /// - Returns: nil for any other, and for what is no id.
    package init?(id: String) {
        guard ID.isValid(id), let end = id.firstIndex(of: "_"), let kind = Self.prefixes[String(id[..<end])] else {
            return nil
        }
        self = kind
    }

    /// The kind of object that an event of this type is about, whether it is a snapshot or thin (`v1.invoice.paid`).
    package init?(eventType: String) {
        let type = eventType.hasPrefix("v1.") ? String(eventType.dropFirst(3)) : eventType
        let families: [(String, ObjectKind)] = [
            ("charge.dispute.", .dispute), ("charge.refund.", .refund), ("charge.", .charge), ("refund.", .refund),
            ("customer.subscription.", .subscription), ("invoice_payment.", .invoicePayment), ("invoice.", .invoice),
            ("payment_intent.", .paymentIntent), ("checkout.session.", .checkoutSession),
        ]
        if let kind = families.first(where: { type.hasPrefix($0.0) })?.1 {
            self = kind
        } else if ["customer.created", "customer.updated", "customer.deleted"].contains(type) {
            self = .customer
        } else {
            return nil
        }
    }

    /// What a URL names, as thin events give it: a path, or a whole URL below the API's address.
    /// - Returns: nil for any other address, and for what no rule is about.
    package static func object(at url: String, base: APIAddress) -> (kind: ObjectKind, id: String)? {
        let path = url.hasPrefix("\(base.base)/") ? String(url.dropFirst(base.base.utf8.count)) : url
        for kind in allCases where path.hasPrefix("\(kind.path)/") {
            let id = String(path.dropFirst(kind.path.utf8.count + 1))
            return ID.isValid(id) ? (kind, id) : nil
        }
        return nil
    }
}
