// SPDX-License-Identifier: Apache-2.0

import StripeAPI

/// Something that a restricted key must be allowed to do, with the cheapest request that shows whether it is.
/// Source: https://docs.stripe.com/keys/restricted-api-keys
package struct StripePermission: Sendable, Hashable {
    /// Ours, stable: `events`.
    package let name: String
    /// As Stripe names it; several requests may take the same.
    package let permission: String
    /// Why, in a few words.
    package let reason: String
    private let path: String
    /// Which of them are listed, where Stripe would leave some out.
    private let status: String?

    private init(_ name: String, _ permission: String, _ path: String, status: String? = nil, reason: String) {
        self.name = name
        self.permission = permission
        self.path = path
        self.status = status
        self.reason = reason
    }

    private static let ofCharges = "payments, and what was given back of them"

    /// All that Tollgate asks Stripe for.
    package static let all = [
        StripePermission("events", "rak_event_read", "/v1/events", reason: "what did not come"),
        StripePermission(
            "webhook_endpoints", "rak_webhook_write", "/v1/webhook_endpoints",
            reason: "`tollgate stripe setup` writes them, `doctor` reads them; nothing else is ever written"),
        StripePermission(
            "subscriptions", "rak_subscription_read", "/v1/subscriptions", status: "all",
            reason: "the present state of a customer's subscriptions"),
        StripePermission(
            "invoices", "rak_invoice_read", "/v1/invoices", reason: "what is owed, and the lines of long invoices"),
        StripePermission("charges", "rak_charge_read", "/v1/charges", reason: ofCharges),
        StripePermission("refunds", "rak_charge_read", "/v1/refunds", reason: ofCharges),
        StripePermission("disputes", "rak_dispute_read", "/v1/disputes", reason: "what is disputed"),
        StripePermission(
            "payment_intents", "rak_payment_intent_read", "/v1/payment_intents", reason: "credit top-ups off-session"),
        StripePermission("customers", "rak_customer_read", "/v1/customers", reason: "whether a customer was deleted"),
        StripePermission(
            "checkout_sessions", "rak_checkout_session_read", "/v1/checkout/sessions",
            reason: "what a Checkout sold: events do not carry its lines"),
        StripePermission(
            "prices", "rak_plan_read", "/v1/prices", reason: "at which price; Stripe's own name is of plans"),
    ]

    /// Where Stripe makes a restricted key with exactly these permissions ticked.
    package static let link: String = {
        var names: [String] = []
        for permission in all where !names.contains(permission.permission) { names.append(permission.permission) }
        let ticked = names.enumerated().map { "&permissions[\($0)]=\($1)" }.joined()
        return "https://dashboard.stripe.com/apikeys/create?name=Tollgate\(ticked)"
    }()

    /// What is known once it could be read.
    package var shown: String {
        permission.hasSuffix("_write") ? "read; only setup shows whether the key may write (\(permission))" : permission
    }

    /// Reads one object.
    package var request: StripeRequest {
        if let status { return .get(path, ["limit": "1", "status": status]) }
        return .get(path, ["limit": "1"])
    }
}
