// SPDX-License-Identifier: Apache-2.0

import Notation

/// Events as Stripe sends them, as small as a rule needs.
package enum Events {
    /// 2026-11-24T00:00:00Z.
    package static let midnight = Timestamp(seconds: 1_795_478_400)

    package static func event(
        _ type: String,
        id: String,
        created: Timestamp = midnight,
        livemode: Bool = true,
        account: String? = nil,
        object: JSON
    ) -> JSON {
        var event: [String: JSON] = [
            "id": .string(id), "object": "event", "type": .string(type), "created": .integer(created.seconds),
            "livemode": .bool(livemode), "api_version": "2026-10-28.endive", "data": ["object": object],
            "pending_webhooks": 1, "request": ["id": .null, "idempotency_key": .null],
        ]
        if let account { event["account"] = .string(account) }
        return .object(event)
    }

    package static func invoice(
        _ type: String,
        id: String,
        created: Timestamp = midnight,
        customer: String = "cus_1",
        invoice: String = "in_1",
        subscription: String? = "sub_1",
        billingReason: String = "subscription_cycle",
        periodEnd: Timestamp? = midnight + .seconds(30 * 86400),
        livemode: Bool = true,
        account: String? = nil,
        _ members: [String: JSON] = [:]
    ) -> JSON {
        var line: [String: JSON] = ["id": "il_1"]
        if let periodEnd { line["period"] = ["start": 0, "end": .integer(periodEnd.seconds)] }
        var object: [String: JSON] = [
            "id": .string(invoice), "object": "invoice", "customer": .string(customer),
            "billing_reason": .string(billingReason), "lines": ["data": [.object(line)]],
        ]
        if let subscription {
            object["parent"] = ["subscription_details": ["subscription": .string(subscription)]]
        }
        object.merge(members) { $1 }
        return event(
            type, id: id, created: created, livemode: livemode, account: account, object: .object(object)
        )
    }

    package static func checkout(
        id: String,
        type: String = "checkout.session.completed",
        customer: JSON = "cus_1",
        session: String = "cs_1",
        paymentIntent: JSON = "pi_1",
        credits: JSON = "500",
        paymentStatus: String = "paid",
        mode: String = "payment",
        _ members: [String: JSON] = [:]
    ) -> JSON {
        let object: [String: JSON] = [
            "id": .string(session), "object": "checkout.session", "customer": customer, "mode": .string(mode),
            "payment_status": .string(paymentStatus), "payment_intent": paymentIntent, "amount_total": 1000,
            "metadata": ["credits": credits],
        ]
        return event(type, id: id, object: .object(object.merging(members) { $1 }))
    }

    package static func paymentIntent(
        id: String,
        customer: JSON = "cus_1",
        paymentIntent: String = "pi_1",
        credits: JSON = "500",
        _ members: [String: JSON] = [:]
    ) -> JSON {
        let object: [String: JSON] = [
            "id": .string(paymentIntent), "object": "payment_intent", "customer": customer, "amount_received": 1000,
            "metadata": ["credits": credits],
        ]
        return event("payment_intent.succeeded", id: id, object: .object(object.merging(members) { $1 }))
    }

    /// A refund of a payment of 1000.
    package static func refund(
        _ type: String = "refund.created",
        id: String,
        refund: String = "re_1",
        amount: Int64 = 400,
        status: JSON = "succeeded",
        charge: JSON = "ch_1",
        paymentIntent: JSON = "pi_1"
    ) -> JSON {
        event(
            type,
            id: id,
            object: [
                "id": .string(refund), "object": "refund", "amount": .integer(amount), "status": status,
                "charge": charge, "payment_intent": paymentIntent,
            ]
        )
    }

    /// A charge of 1000.
    package static func charge(
        _ type: String = "charge.refunded",
        id: String,
        charge: String = "ch_1",
        customer: JSON = "cus_1",
        paymentIntent: JSON = "pi_1",
        refunded: Int64 = 0,
        _ members: [String: JSON] = [:]
    ) -> JSON {
        let object: [String: JSON] = [
            "id": .string(charge), "object": "charge", "customer": customer, "payment_intent": paymentIntent,
            "amount": 1000, "amount_captured": 1000, "amount_refunded": .integer(refunded),
        ]
        return event(type, id: id, object: .object(object.merging(members) { $1 }))
    }

    /// A dispute about a payment of 1000.
    package static func dispute(
        _ type: String = "charge.dispute.created",
        id: String,
        created: Timestamp = midnight,
        dispute: String = "du_1",
        amount: Int64 = 1000,
        status: JSON = "needs_response",
        charge: JSON = "ch_1",
        paymentIntent: JSON = "pi_1"
    ) -> JSON {
        event(
            type,
            id: id,
            created: created,
            object: [
                "id": .string(dispute), "object": "dispute", "amount": .integer(amount), "status": status,
                "charge": charge, "payment_intent": paymentIntent,
            ]
        )
    }

    /// Links an invoice and its payment, since API version basil.
    package static func invoicePayment(id: String, invoice: String = "in_1", paymentIntent: String = "pi_1") -> JSON {
        event(
            "invoice_payment.paid",
            id: id,
            object: [
                "id": "inpay_1", "object": "invoice_payment", "invoice": .string(invoice), "status": "paid",
                "payment": ["type": "payment_intent", "payment_intent": .string(paymentIntent)],
            ]
        )
    }
}
