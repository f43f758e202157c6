// SPDX-License-Identifier: Apache-2.0

extension Interpretation {
    /// The types of events that rules handle, except those that Stripe may yet add to a family.
    package static let types: Set<String> = [
        "charge.captured", "charge.dispute.closed", "charge.dispute.created", "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.refund.updated", "charge.refunded",
        "charge.succeeded", "charge.updated", "checkout.session.async_payment_succeeded", "checkout.session.completed",
        "customer.deleted", "customer.subscription.created", "customer.subscription.deleted",
        "customer.subscription.paused", "customer.subscription.pending_update_applied",
        "customer.subscription.pending_update_expired", "customer.subscription.resumed",
        "customer.subscription.trial_will_end", "customer.subscription.updated", "invoice.marked_uncollectible",
        "invoice.overdue", "invoice.paid", "invoice.payment_failed", "invoice.payment_succeeded", "invoice.voided",
        "invoice_payment.paid", "payment_intent.succeeded", "refund.created", "refund.failed", "refund.updated",
    ]
}
