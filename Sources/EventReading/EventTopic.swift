// SPDX-License-Identifier: Apache-2.0

import Billing

/// What a type of event is about, if a rule handles it. The type is the fact; an object's `status` is only how it
/// looked when the event was rendered.
enum EventTopic {
    case checkoutSession, paymentIntent, charge, refund, dispute, invoicePayment, subscription, customerDeleted
    case invoice(Billing.Invoice.Status)

    init?(_ type: String) {
        switch type {
        case "checkout.session.completed", "checkout.session.async_payment_succeeded": self = .checkoutSession
        case "payment_intent.succeeded": self = .paymentIntent
        case "charge.succeeded", "charge.captured", "charge.updated", "charge.refunded": self = .charge
        case "refund.created", "refund.updated", "refund.failed", "charge.refund.updated": self = .refund
        case let dispute where dispute.hasPrefix("charge.dispute."): self = .dispute
        case "invoice_payment.paid": self = .invoicePayment
        case "invoice.paid", "invoice.payment_succeeded": self = .invoice(.paid)
        case "invoice.payment_failed", "invoice.overdue": self = .invoice(.open)
        case "invoice.voided": self = .invoice(.void)
        case "invoice.marked_uncollectible": self = .invoice(.uncollectible)
        case let subscription where subscription.hasPrefix("customer.subscription."): self = .subscription
        case "customer.deleted": self = .customerDeleted
        default: return nil
        }
    }
}
