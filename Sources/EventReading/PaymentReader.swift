// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Stripe

/// Reads the objects of one-off payments: what each says about its purchase, and which others belong to it.
enum PaymentReader {
    static func read(_ session: CheckoutSession, _ offers: CreditOfferReader) -> Interpretation {
        guard session.mode == "payment" else { return .ignored(.notAPayment) }
        var unreadable = Unreadable()
        unreadable.note(session.unreadable)
        let offer = offers.offer(of: session, &unreadable)
        // Captured later, or paid by a slow method: its credits count once something says that the money has arrived.
        let isPaid = session.paymentStatus != "unpaid"
        var parts = links(intent: session.paymentIntent, invoice: session.invoice)
        parts[session.id] = PurchaseFacts.Part(
            .checkoutSession, customer: session.customer, offer: offer, isPaid: isPaid,
            paid: isPaid ? session.amountTotal : nil, currency: session.currency)
        var facts: [Fact] = [.purchase(PurchaseFacts(parts: parts))]
        // The invoice that Checkout made for a top-up is part of that purchase, and nothing else.
        if offer != nil, let id = session.invoice, let customer = session.customer {
            facts.append(.invoice(customer: customer, Billing.Invoice(id: id, status: .open, isTopUp: true), of: nil))
        }
        return Interpretation(facts, remark: isPaid ? remark(offer, customer: session.customer) : .unpaid, unreadable)
    }

    static func read(_ intent: PaymentIntent, _ offers: CreditOfferReader) -> Interpretation {
        var unreadable = Unreadable()
        unreadable.note(intent.unreadable)
        let offer = offers.offer(in: intent.metadata, &unreadable)
        var facts = PurchaseFacts(parts: links(charge: intent.latestCharge, intent: intent.id, invoice: intent.invoice))
        facts.merge(
            PurchaseFacts(parts: [
                intent.id: PurchaseFacts.Part(
                    .paymentIntent, customer: intent.customer, offer: offer, isPaid: true, paid: intent.amountReceived,
                    currency: intent.currency, partialCapture: partialCapture(of: intent))
            ]))
        for charge in intent.charges { facts.merge(self.facts(of: charge, intent: intent.id, &unreadable)) }
        return Interpretation([.purchase(facts)], remark: remark(offer, customer: intent.customer), unreadable)
    }

    static func read(_ charge: Charge) -> Interpretation {
        var unreadable = Unreadable()
        unreadable.note(charge.unreadable)
        return Interpretation([.purchase(facts(of: charge, intent: charge.paymentIntent, &unreadable))], unreadable)
    }

    static func read(_ refund: Stripe.Refund) throws(FieldError) -> Interpretation {
        let parts = links(charge: refund.charge, intent: refund.paymentIntent)
        guard !parts.isEmpty else { return .ignored(.noPayment) }
        return .facts([.purchase(PurchaseFacts(parts: parts, refunds: [refund.id: try fact(refund)]))], remark: nil)
    }

    static func read(_ dispute: Stripe.Dispute, at time: Timestamp) throws(FieldError) -> Interpretation {
        let parts = links(charge: dispute.charge, intent: dispute.paymentIntent)
        guard !parts.isEmpty else { return .ignored(.noPayment) }
        guard let standing = dispute.status.flatMap(Billing.Dispute.Standing.init(status:)) else {
            throw FieldError(
                "data.object.status", "is no status of a dispute", value: dispute.status.map(JSON.string))
        }
        let fact = Billing.Dispute(
            at: time, standing: standing, amount: dispute.amount, currency: dispute.currency, charge: dispute.charge,
            paymentIntent: dispute.paymentIntent)
        return .facts([.purchase(PurchaseFacts(parts: parts, disputes: [dispute.id: fact]))], remark: nil)
    }

    static func read(_ payment: InvoicePayment) -> Interpretation {
        var parts = links(charge: payment.charge, intent: payment.paymentIntent, invoice: payment.invoice)
        parts[payment.invoice]?.isPaid = true
        return .facts([.purchase(PurchaseFacts(parts: parts))], remark: nil)
    }

    /// A paid invoice as a purchase.
    static func facts(
        of invoice: Stripe.Invoice,
        _ offers: CreditOfferReader,
        _ unreadable: inout Unreadable
    ) -> PurchaseFacts {
        let offer = offers.offer(of: invoice, &unreadable)
        var facts = PurchaseFacts(parts: [
            invoice.id: PurchaseFacts.Part(
                .invoice, customer: invoice.customer, offer: offer, isPaid: true, paid: invoice.amountPaid,
                currency: invoice.currency)
        ])
        for payment in invoice.payments {
            facts.merge(PurchaseFacts(parts: links(charge: payment.charge, intent: payment.paymentIntent)))
        }
        return facts
    }

    private static func facts(of charge: Charge, intent: String?, _ unreadable: inout Unreadable) -> PurchaseFacts {
        var facts = PurchaseFacts(parts: links(charge: charge.id, intent: intent, invoice: charge.invoice))
        facts.merge(
            PurchaseFacts(parts: [
                charge.id: PurchaseFacts.Part(
                    .charge, customer: charge.customer, isPaid: charge.isPaid, paid: charge.amountCaptured,
                    refunded: charge.amountRefunded, currency: charge.currency,
                    partialCapture: partialCapture(of: charge))
            ]))
        for refund in charge.refunds {
            guard var fact = unreadable.read(try fact(refund)) else { continue }
            fact.charge = fact.charge ?? charge.id
            facts.merge(PurchaseFacts(refunds: [refund.id: fact]))
        }
        return facts
    }

    private static func fact(_ refund: Stripe.Refund) throws(FieldError) -> Billing.Refund {
        let status: Billing.Refund.Status
        switch refund.status {
        case "pending", "requires_action": status = .pending
        case "succeeded", nil: status = .succeeded
        case "failed", "canceled": status = .failed
        default:
            throw FieldError(
                "\(refund.path).status", "is no status of a refund", value: refund.status.map(JSON.string))
        }
        return Billing.Refund(
            status: status, amount: refund.amount, currency: refund.currency, charge: refund.charge,
            paymentIntent: refund.paymentIntent)
    }

    private static func partialCapture(of intent: PaymentIntent) -> PartialCapture? {
        guard let authorised = intent.amount, let captured = intent.amountReceived else { return nil }
        return PartialCapture(authorised: authorised, captured: captured)
    }

    private static func partialCapture(of charge: Charge) -> PartialCapture? {
        guard charge.isPaid, let authorised = charge.amount, let captured = charge.amountCaptured else { return nil }
        // A booked release is included in it from the capture on, and is part of a full refund.
        let isUnbooked =
            charge.amountRefunded.map { refunded in
                captured < authorised - refunded || (charge.isRefunded && refunded < authorised)
            } ?? false
        return PartialCapture(authorised: authorised, captured: captured, isReleaseUnbooked: isUnbooked)
    }

    /// Objects that are only named, and belong together because they belong to one purchase.
    private static func links(
        charge: String? = nil,
        intent: String? = nil,
        invoice: String? = nil
    ) -> [String: PurchaseFacts.Part] {
        var parts: [String: PurchaseFacts.Part] = [:]
        if let invoice { parts[invoice] = PurchaseFacts.Part(.invoice) }
        if let intent { parts[intent] = PurchaseFacts.Part(.paymentIntent) }
        if let charge { parts[charge] = PurchaseFacts.Part(.charge, paymentIntent: intent) }
        return parts
    }

    private static func remark(_ offer: CreditOffer?, customer: String?) -> Interpretation.Remark? {
        guard offer != nil else { return .noCredits }
        return customer == nil ? .noCustomer : nil
    }
}
