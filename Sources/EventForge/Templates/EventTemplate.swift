// SPDX-License-Identifier: Apache-2.0

import Notation

/// A realistic Stripe event of a given type, as the current API renders it: what `tollgate trigger` sends.
///
/// Ids that are not given are derived from the customer if several events must agree on them (subscription, invoice),
/// and random if each event is about something new (payments, sessions, the event itself).
package struct EventTemplate: Sendable {
    package static let defaultCustomer = "cus_tollgate_demo"
    package static let defaultAPIVersion = "2026-10-28.endive"

    /// For example `invoice.paid`; a type without a template of its own gets a plain object.
    package var type: String
    package var customer: String
    package var invoice: String?
    package var subscription: String?
    package var paymentIntent: String?
    /// How many credits the purchase buys; nil leaves its metadata without them.
    package var credits: Int64?
    /// The metadata key that holds the number.
    package var creditsKey: String
    /// The event's own id.
    package var id: String?
    package var created: Timestamp
    package var livemode: Bool
    package var apiVersion: String

    package init(
        type: String,
        customer: String = Self.defaultCustomer,
        invoice: String? = nil,
        subscription: String? = nil,
        paymentIntent: String? = nil,
        credits: Int64? = nil,
        creditsKey: String = "credits",
        id: String? = nil,
        created: Timestamp,
        livemode: Bool = false,
        apiVersion: String = Self.defaultAPIVersion
    ) {
        self.type = type
        self.customer = customer
        self.invoice = invoice
        self.subscription = subscription
        self.paymentIntent = paymentIntent
        self.credits = credits
        self.creditsKey = creditsKey
        self.id = id
        self.created = created
        self.livemode = livemode
        self.apiVersion = apiVersion
    }

    /// The complete event. The same generator state gives the same event.
    package func event(using generator: inout some RandomNumberGenerator) -> JSON {
        let ids = TemplateIDs(of: self, using: &generator)
        if type.hasPrefix("v2.") { return thinEvent(ids) }
        var data: [String: JSON] = ["object": object(ids)]
        if let previous = previousAttributes(ids) { data["previous_attributes"] = previous }
        return [
            "id": .string(ids.event),
            "object": "event",
            "api_version": .string(apiVersion),
            "created": seconds(0),
            "data": .object(data),
            "livemode": .bool(livemode),
            "pending_webhooks": 1,
            // What Stripe does by itself, such as a renewal, names no request.
            "request": ["id": .null, "idempotency_key": .null],
            "type": .string(type),
        ]
    }

    private func object(_ ids: TemplateIDs) -> JSON {
        switch kind {
        case "invoice": invoiceObject(ids)
        case "customer.subscription": subscriptionObject(ids)
        case "customer": customerObject(ids)
        case "checkout.session": checkoutSessionObject(ids)
        case "payment_intent": paymentIntentObject(ids)
        case "charge": chargeObject(ids)
        case "refund", "charge.refund": refundObject(ids)
        case "charge.dispute": disputeObject(ids)
        case "invoice_payment": invoicePaymentObject(ids)
        default: plainObject(ids)
        }
    }

    private func previousAttributes(_ ids: TemplateIDs) -> JSON? {
        switch type {
        case "customer.subscription.updated": ["latest_invoice": .string("\(ids.invoice)_previous")]
        case "customer.subscription.paused": ["status": "trialing"]
        case "customer.subscription.resumed": ["status": "paused"]
        case "customer.updated": ["description": .null]
        default: nil
        }
    }

    /// An object that no rule handles still has an id and names its customer.
    private func plainObject(_ ids: TemplateIDs) -> JSON {
        let name = kind.hasPrefix("customer.") ? String(kind.dropFirst("customer.".count)) : kind
        let prefix = name.map { $0 == "." ? "_" : String($0) }.joined()
        return [
            "id": .string("\(prefix)_\(ids.random)"),
            "object": .string(name),
            "created": seconds(0),
            "customer": .string(customer),
            "livemode": .bool(livemode),
            "metadata": [:],
        ]
    }

    /// A v2 API event contains no object, only where to fetch it.
    private func thinEvent(_ ids: TemplateIDs) -> JSON {
        let related = "\(action)_\(ids.random)"
        return [
            "id": .string(ids.event),
            "object": "v2.core.event",
            "created": .string(created.description),
            "livemode": .bool(livemode),
            "reason": .null,
            "related_object": [
                "id": .string(related),
                "type": .string(kind),
                "url": .string("/\(kind.split(separator: ".").joined(separator: "/"))/\(related)"),
            ],
            "type": .string(type),
        ]
    }

    /// What the event is about: its type without the last word.
    var kind: String {
        type.lastIndex(of: ".").map { String(type[..<$0]) } ?? type
    }

    /// What happened to it: the last word of the type.
    var action: String {
        type.lastIndex(of: ".").map { String(type[type.index(after: $0)...]) } ?? type
    }

    /// A point in time relative to the event's, as Stripe writes it: whole seconds.
    func seconds(_ offset: Int64) -> JSON {
        .integer((created + .seconds(offset)).seconds)
    }

    var metadata: JSON {
        // Stripe's metadata values are strings.
        credits.map { .object([creditsKey: .string(String($0))]) } ?? [:]
    }
}
