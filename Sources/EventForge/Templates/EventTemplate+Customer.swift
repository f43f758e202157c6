// SPDX-License-Identifier: Apache-2.0

import Notation

/// Customers and their subscriptions; since 2025-03-31.basil a subscription's period is on its items.
extension EventTemplate {
    private static let month: Int64 = 30 * 86_400

    func customerObject(_ ids: TemplateIDs) -> JSON {
        if action == "deleted" { return ["id": .string(customer), "object": "customer", "deleted": true] }
        return [
            "id": .string(customer),
            "object": "customer",
            "address": .null,
            "balance": 0,
            "created": seconds(action == "created" ? 0 : -Self.month),
            "currency": "usd",
            "default_source": .null,
            "delinquent": false,
            "description": "Tollgate demo",
            "email": "demo@example.com",
            "invoice_prefix": "TOLLGATE",
            "livemode": .bool(livemode),
            "metadata": [:],
            "name": "Tollgate Demo",
            "phone": .null,
            "preferred_locales": [],
            "shipping": .null,
            "tax_exempt": "none",
        ]
    }

    func subscriptionObject(_ ids: TemplateIDs) -> JSON {
        let id = ids.subscription ?? "sub_\(ids.random)"
        let isOver = subscriptionStatus == "canceled"
        let start = action == "created" ? seconds(0) : seconds(-Self.month)
        return [
            "id": .string(id),
            "object": "subscription",
            "automatic_tax": ["enabled": false, "liability": .null],
            "billing_cycle_anchor": start,
            "billing_mode": ["type": "flexible"],
            "cancel_at": .null,
            "cancel_at_period_end": false,
            "canceled_at": isOver ? seconds(0) : .null,
            "cancellation_details": [
                "comment": .null, "feedback": .null, "reason": isOver ? "cancellation_requested" : .null,
            ],
            "collection_method": "charge_automatically",
            "created": start,
            "currency": "usd",
            "customer": .string(customer),
            "days_until_due": .null,
            "default_payment_method": .null,
            "description": .null,
            "ended_at": isOver ? seconds(0) : .null,
            "items": [
                "object": "list",
                "data": [subscriptionItem(of: id, created: start)],
                "has_more": false,
                "total_count": 1,
                "url": .string("/v1/subscription_items?subscription=\(id)"),
            ],
            "latest_invoice": .string(ids.invoice),
            "livemode": .bool(livemode),
            "metadata": metadata,
            "pause_collection": .null,
            "pending_setup_intent": .null,
            "pending_update": .null,
            "schedule": .null,
            "start_date": start,
            "status": .string(subscriptionStatus),
            "trial_end": subscriptionStatus == "trialing" ? seconds(3 * 86_400) : .null,
            "trial_start": subscriptionStatus == "trialing" ? start : .null,
        ]
    }

    private var subscriptionStatus: String {
        switch action {
        case "deleted": "canceled"
        case "paused": "paused"
        case "trial_will_end": "trialing"
        default: "active"
        }
    }

    private func subscriptionItem(of subscription: String, created: JSON) -> JSON {
        [
            "id": .string("si_\(subscription)"),
            "object": "subscription_item",
            "created": created,
            "current_period_end": seconds(Self.month),
            "current_period_start": seconds(0),
            "discounts": [],
            "metadata": [:],
            "price": [
                "id": "price_tollgate_demo",
                "object": "price",
                "active": true,
                "billing_scheme": "per_unit",
                "currency": "usd",
                "livemode": .bool(livemode),
                "metadata": [:],
                "product": "prod_tollgate_demo",
                "recurring": ["interval": "month", "interval_count": 1, "meter": .null, "usage_type": "licensed"],
                "type": "recurring",
                "unit_amount": 2_000,
            ],
            "quantity": 1,
            "subscription": .string(subscription),
            "tax_rates": [],
        ]
    }
}
