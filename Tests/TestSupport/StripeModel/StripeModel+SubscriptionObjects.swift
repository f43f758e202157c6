// SPDX-License-Identifier: Apache-2.0

import Notation

/// A subscription and its invoices as Stripe shows them.
extension StripeModel {
    mutating func keepDraft(_ invoice: Invoice, of subscription: String, byMail: Bool) {
        let line: JSON = [
            "id": .string("il_\(invoice.id)"), "amount": 1_000, "quantity": 1,
            "period": [
                "start": .integer(invoice.period.start.seconds), "end": .integer(invoice.period.end.seconds),
            ],
            "parent": [
                "type": "subscription_item_details",
                "subscription_item_details": ["subscription": .string(subscription)],
            ], "pricing": ["price_details": ["price": "price_seat"]],
        ]
        keepDraft(
            invoice.id,
            [
                "billing_reason": .string(invoice.reason),
                "collection_method": byMail ? "send_invoice" : "charge_automatically",
                "parent": [
                    "type": "subscription_details", "subscription_details": ["subscription": .string(subscription)],
                ], "lines": ["data": invoice.hasLines ? [line] : [], "has_more": false],
            ])
    }

    mutating func keep(_ subscription: Subscription) {
        let item: [String: JSON] = [
            "id": "si_1", "current_period_start": .integer(subscription.currentPeriodStart.seconds),
            "current_period_end": .integer(subscription.currentPeriodEnd.seconds),
        ]
        keep(
            subscription.id, "subscription",
            [
                "customer": .string(customer), "status": .string(subscription.status),
                "collection_method": .string(subscription.collection),
                "latest_invoice": .string(subscription.latestInvoice.id),
                "items": ["data": [.object(item)]],
                "pause_collection": subscription.pause.map { pause in
                    [
                        "behavior": .string(pause.behavior),
                        "resumes_at": pause.resumesAt.map { .integer($0.seconds) } ?? .null,
                    ]
                } ?? .null,
                "cancellation_details": ["reason": subscription.endedUnpaid ? "payment_failed" : .null],
                "ended_at": subscription.endedAt.map { .integer($0.seconds) } ?? .null,
            ])
    }

    /// As events show it.
    mutating func render(_ invoice: Invoice, of subscription: Subscription, paid: Int64) -> [String: JSON] {
        var line: [String: JSON] = ["id": .string("il_\(invoice.id)"), "amount": 1_000, "quantity": 1]
        line["period"] = [
            "start": .integer(invoice.period.start.seconds), "end": .integer(invoice.period.end.seconds),
        ]
        var object: [String: JSON] = [
            "id": .string(invoice.id), "object": "invoice", "customer": reference(customer, "customer"),
            "billing_reason": .string(invoice.reason), "amount_paid": .integer(paid),
        ]
        if version == .oldest {
            object["billing"] = .string(subscription.collection)
            object["date"] = .integer(invoice.created.seconds)
        } else {
            object["collection_method"] = .string(subscription.collection)
            object["created"] = .integer(invoice.created.seconds)
        }
        let link = reference(subscription.id, "subscription")
        if version.hasParents {
            line["parent"] = [
                "type": "subscription_item_details",
                "subscription_item_details": ["subscription": .string(subscription.id)],
            ]
            line["pricing"] = ["price_details": ["price": "price_seat"]]
            if !invoice.hasLines || !random.one(in: 4) {
                object["parent"] = ["subscription_details": ["subscription": link]]
            }
        } else {
            line["plan"] = ["id": "plan_seat"]
            line["subscription"] = .string(subscription.id)
            line["type"] = "subscription"
            object["subscription"] = link
        }
        object["lines"] = ["data": invoice.hasLines ? [.object(line)] : [], "has_more": false]
        return object
    }
}
