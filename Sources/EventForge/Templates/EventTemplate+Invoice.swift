// SPDX-License-Identifier: Apache-2.0

import Notation

/// Invoices as rendered since 2025-03-31.basil: the subscription under `parent`, no payment intent, no `paid`.
extension EventTemplate {
    private static let amount: Int64 = 2_000
    private static let month: Int64 = 30 * 86_400

    func invoiceObject(_ ids: TemplateIDs) -> JSON {
        let isPaid = status == "paid"
        let isAttempted =
            isPaid || ["payment_failed", "payment_action_required", "marked_uncollectible"].contains(action)
        let isSentByMail = ["overdue", "sent", "will_be_due"].contains(action)
        let id = action == "upcoming" ? "upcoming_\(ids.invoice)" : ids.invoice
        return [
            "id": .string(id),
            "object": "invoice",
            "account_country": "US",
            "amount_due": .integer(Self.amount),
            "amount_overpaid": 0,
            "amount_paid": .integer(isPaid ? Self.amount : 0),
            "amount_remaining": .integer(isPaid ? 0 : Self.amount),
            "attempt_count": isAttempted ? 1 : 0,
            "attempted": .bool(isAttempted),
            "auto_advance": .bool(status == "open" && !isSentByMail),
            "billing_reason": ids.subscription == nil ? "manual" : "subscription_cycle",
            "collection_method": isSentByMail ? "send_invoice" : "charge_automatically",
            "created": seconds(-3_600),
            "currency": "usd",
            "customer": .string(customer),
            "customer_email": "demo@example.com",
            "description": .null,
            "due_date": isSentByMail ? seconds(action == "overdue" ? -1 : 7 * 86_400) : .null,
            "effective_at": status == "draft" ? .null : seconds(-60),
            "lines": [
                "object": "list",
                "data": [invoiceLine(ids)],
                "has_more": false,
                "total_count": 1,
                "url": .string("/v1/invoices/\(id)/lines"),
            ],
            "livemode": .bool(livemode),
            "metadata": metadata,
            "next_payment_attempt": action == "payment_failed" ? seconds(3 * 86_400) : .null,
            "number": status == "draft" ? .null : "TOLLGATE-0001",
            "parent": parent(ids),
            "period_end": seconds(0),
            "period_start": seconds(-Self.month),
            "starting_balance": 0,
            "status": .string(status),
            "status_transitions": [
                "finalized_at": status == "draft" ? .null : seconds(-60),
                "marked_uncollectible_at": status == "uncollectible" ? seconds(0) : .null,
                "paid_at": isPaid ? seconds(0) : .null,
                "voided_at": status == "void" ? seconds(0) : .null,
            ],
            "subtotal": .integer(Self.amount),
            "total": .integer(Self.amount),
        ]
    }

    /// The link from an invoice to its payment.
    func invoicePaymentObject(_ ids: TemplateIDs) -> JSON {
        let isPaid = action == "paid"
        return [
            "id": .string("inpay_\(ids.random)"),
            "object": "invoice_payment",
            "amount_paid": isPaid ? .integer(Self.amount) : .null,
            "amount_requested": .integer(Self.amount),
            "created": seconds(-60),
            "currency": "usd",
            "invoice": .string(ids.invoice),
            "is_default": true,
            "livemode": .bool(livemode),
            "payment": ["type": "payment_intent", "payment_intent": .string(ids.paymentIntent)],
            "status": isPaid ? "paid" : "open",
            "status_transitions": ["canceled_at": .null, "paid_at": isPaid ? seconds(0) : .null],
        ]
    }

    private var status: String {
        switch action {
        case "paid", "payment_succeeded": "paid"
        case "voided": "void"
        case "marked_uncollectible": "uncollectible"
        case "created", "deleted", "upcoming", "finalization_failed": "draft"
        default: "open"
        }
    }

    private func parent(_ ids: TemplateIDs) -> JSON {
        guard let subscription = ids.subscription else { return .null }
        return [
            "type": "subscription_details",
            "quote_details": .null,
            "subscription_details": ["metadata": [:], "subscription": .string(subscription)],
        ]
    }

    private func invoiceLine(_ ids: TemplateIDs) -> JSON {
        let lineParent: JSON
        if let subscription = ids.subscription {
            lineParent = [
                "type": "subscription_item_details",
                "invoice_item_details": .null,
                "subscription_item_details": [
                    "invoice_item": .null,
                    "proration": false,
                    "proration_details": ["credited_items": .null],
                    "subscription": .string(subscription),
                    "subscription_item": .string("si_\(subscription)"),
                ],
            ]
        } else {
            lineParent = [
                "type": "invoice_item_details",
                "invoice_item_details": [
                    "invoice_item": .string("ii_\(ids.random)"),
                    "proration": false,
                    "proration_details": ["credited_items": .null],
                    "subscription": .null,
                ],
                "subscription_item_details": .null,
            ]
        }
        return [
            "id": .string("il_\(ids.random)"),
            "object": "line_item",
            "amount": .integer(Self.amount),
            "currency": "usd",
            "description": ids.subscription == nil ? "Credits" : "1 × API access (at $20.00 / month)",
            "discount_amounts": [],
            "discountable": true,
            "discounts": [],
            "invoice": .string(ids.invoice),
            "livemode": .bool(livemode),
            "metadata": [:],
            "parent": lineParent,
            // A one-off line's period has no length.
            "period": ["start": seconds(0), "end": seconds(ids.subscription == nil ? 0 : Self.month)],
            "pretax_credit_amounts": [],
            "pricing": [
                "type": "price_details",
                "price_details": ["price": "price_tollgate_demo", "product": "prod_tollgate_demo"],
                "unit_amount_decimal": .string(String(Self.amount)),
            ],
            "quantity": 1,
            "subtotal": .integer(Self.amount),
            "taxes": [],
        ]
    }
}
