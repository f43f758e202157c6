// SPDX-License-Identifier: Apache-2.0

import Notation

/// One-off payments, and what takes them back.
extension EventTemplate {
    private static let amount: Int64 = 1_000

    func checkoutSessionObject(_ ids: TemplateIDs) -> JSON {
        let isPaid = action == "completed" || action == "async_payment_succeeded"
        let isExpired = action == "expired"
        return [
            "id": .string("cs_\(livemode ? "live" : "test")_\(ids.random)"),
            "object": "checkout.session",
            "amount_subtotal": .integer(Self.amount),
            "amount_total": .integer(Self.amount),
            "client_reference_id": .null,
            "created": seconds(-120),
            "currency": "usd",
            "customer": .string(customer),
            "customer_creation": .null,
            "customer_details": ["email": "demo@example.com", "name": "Tollgate Demo", "phone": .null, "tax_ids": []],
            "customer_email": .null,
            "discounts": [],
            "expires_at": seconds(isExpired ? 0 : 86_280),
            "invoice": .null,
            "invoice_creation": ["enabled": false],
            "livemode": .bool(livemode),
            "metadata": metadata,
            "mode": "payment",
            "payment_intent": isExpired ? .null : .string(ids.paymentIntent),
            "payment_link": .null,
            "payment_method_types": ["card"],
            "payment_status": isPaid ? "paid" : "unpaid",
            "setup_intent": .null,
            "status": isExpired ? "expired" : "complete",
            "subscription": .null,
            "total_details": ["amount_discount": 0, "amount_shipping": 0, "amount_tax": 0],
            "ui_mode": "hosted",
            "url": .null,
        ]
    }

    func paymentIntentObject(_ ids: TemplateIDs) -> JSON {
        let status: JSON =
            switch action {
            case "succeeded": "succeeded"
            case "processing": "processing"
            case "canceled": "canceled"
            case "requires_action": "requires_action"
            case "amount_capturable_updated": "requires_capture"
            default: "requires_payment_method"
            }
        let isCharged = ["succeeded", "payment_failed", "processing", "amount_capturable_updated"].contains(action)
        return [
            "id": .string(ids.paymentIntent),
            "object": "payment_intent",
            "amount": .integer(Self.amount),
            "amount_capturable": action == "amount_capturable_updated" ? .integer(Self.amount) : 0,
            "amount_received": action == "succeeded" ? .integer(Self.amount) : 0,
            "canceled_at": action == "canceled" ? seconds(0) : .null,
            "capture_method": "automatic_async",
            "confirmation_method": "automatic",
            "created": seconds(-5),
            "currency": "usd",
            "customer": .string(customer),
            "description": .null,
            "last_payment_error": action == "payment_failed"
                ? ["code": "card_declined", "decline_code": "generic_decline", "type": "card_error"] : .null,
            "latest_charge": isCharged ? .string(ids.charge) : .null,
            "livemode": .bool(livemode),
            "metadata": metadata,
            "next_action": .null,
            "payment_method": .string("pm_\(ids.random)"),
            "payment_method_types": ["card"],
            "receipt_email": .null,
            "setup_future_usage": .null,
            "status": status,
        ]
    }

    func chargeObject(_ ids: TemplateIDs) -> JSON {
        let isRefunded = action == "refunded"
        let isFailed = action == "failed" || action == "expired"
        return [
            "id": .string(ids.charge),
            "object": "charge",
            "amount": .integer(Self.amount),
            "amount_captured": isFailed ? 0 : .integer(Self.amount),
            // Cumulative over all refunds of the charge.
            "amount_refunded": isRefunded ? .integer(Self.amount) : 0,
            "balance_transaction": isFailed ? .null : .string("txn_\(ids.random)"),
            "captured": .bool(!isFailed),
            "created": seconds(isRefunded ? -86_400 : -1),
            "currency": "usd",
            "customer": .string(customer),
            "description": .null,
            "disputed": false,
            "failure_code": isFailed ? "card_declined" : .null,
            "livemode": .bool(livemode),
            "metadata": metadata,
            "outcome": ["network_status": isFailed ? "declined_by_network" : "approved_by_network"],
            "paid": .bool(!isFailed),
            "payment_intent": .string(ids.paymentIntent),
            "payment_method": .string("pm_\(ids.random)"),
            "receipt_email": .null,
            "refunded": .bool(isRefunded),
            "status": action == "pending" ? "pending" : isFailed ? "failed" : "succeeded",
        ]
    }

    /// Names no customer: only its payment leads to one.
    func refundObject(_ ids: TemplateIDs) -> JSON {
        let isFailed = action == "failed"
        return [
            "id": .string("re_\(Self.paymentSuffix(ids))"),
            "object": "refund",
            "amount": .integer(Self.amount),
            "balance_transaction": .string("txn_\(ids.random)"),
            "charge": .string(ids.charge),
            "created": seconds(action == "created" ? 0 : -60),
            "currency": "usd",
            "failure_reason": isFailed ? "expired_or_canceled_card" : .null,
            "metadata": [:],
            "payment_intent": .string(ids.paymentIntent),
            "reason": "requested_by_customer",
            "status": isFailed ? "failed" : "succeeded",
        ]
    }

    /// Names no customer: only its payment leads to one.
    func disputeObject(_ ids: TemplateIDs) -> JSON {
        let status: JSON =
            switch action {
            case "closed": "lost"
            case "funds_reinstated": "won"
            case "updated": "under_review"
            default: "needs_response"
            }
        return [
            "id": .string("du_\(Self.paymentSuffix(ids))"),
            "object": "dispute",
            "amount": .integer(Self.amount),
            "balance_transactions": [],
            "charge": .string(ids.charge),
            "created": seconds(action == "created" ? 0 : -86_400),
            "currency": "usd",
            "evidence_details": [
                "due_by": seconds(7 * 86_400), "has_evidence": false, "past_due": false, "submission_count": 0,
            ],
            "is_charge_refundable": false,
            "livemode": .bool(livemode),
            "metadata": [:],
            "payment_intent": .string(ids.paymentIntent),
            "reason": "fraudulent",
            "status": status,
        ]
    }

    /// One refund and one dispute per payment, so that its `created` and `updated` events are about the same one.
    private static func paymentSuffix(_ ids: TemplateIDs) -> Substring {
        ids.charge.dropFirst("ch_".count)
    }
}
