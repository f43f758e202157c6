// SPDX-License-Identifier: Apache-2.0

extension Interpretation {
    /// Whether a rule handles events of this type.
    package static func reads(_ type: String) -> Bool { EventTopic(type) != nil }

    /// The types of events that rules handle, except those that Stripe may yet add to a family.
    package static let types = Set(groups.flatMap(\.types))

    /// The same with what each is for: `tollgate stripe setup` enables them, `tollgate stripe types` and docs/stripe.md
    /// list them.
    package static let groups = [
        EventTypeGroup("invoice.paid", "invoice.payment_succeeded", reason: "access on; either of them is enough"),
        EventTypeGroup("invoice.payment_failed", "invoice.overdue", reason: "starts the grace period"),
        EventTypeGroup("invoice.voided", "invoice.marked_uncollectible", reason: "closes a debt; keeps it"),
        EventTypeGroup(
            "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
            "customer.subscription.paused", "customer.subscription.resumed",
            reason: "trials, cancellations, renewals by email"),
        EventTypeGroup(
            "customer.subscription.trial_will_end", "customer.subscription.pending_update_applied",
            "customer.subscription.pending_update_expired",
            reason: "the subscription once more, should one of the others be late"),
        EventTypeGroup("customer.deleted", reason: "access off for good"),
        EventTypeGroup(
            "checkout.session.completed", "checkout.session.async_payment_succeeded",
            reason: "credit top-ups by Checkout"),
        EventTypeGroup("payment_intent.succeeded", reason: "credit top-ups off-session; whose payment it is"),
        EventTypeGroup(
            "invoice_payment.paid",
            reason: "which payment paid which invoice: this is how refunds and disputes of invoices are found"),
        EventTypeGroup(
            "charge.refunded", "refund.created", "refund.updated", "refund.failed", "charge.refund.updated",
            reason: "take credits back, and give back what failed; enable all of them"),
        EventTypeGroup("charge.captured", "charge.updated", reason: "needed if payments are captured in part"),
        EventTypeGroup(
            "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
            "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated", reason: "the same for disputes"),
        EventTypeGroup(
            "charge.succeeded",
            reason: "needed if the API version is older than 2022-11-15, or if disputes name a charge alone"),
    ]
}
