// SPDX-License-Identifier: Apache-2.0

import Notation

/// What a refetch asks for: first what it is about, then what the answers show to belong to it.
struct RefetchPlan: Sendable {
    let first: [RefetchQuestion]
    /// How far a customer's payments are listed; nil where one object is read, and all that belongs to it.
    let since: Timestamp?
    /// Objects that count whatever their age.
    private let named: Set<String>
    /// Invoices of which it is known when they failed: an event knows that better than the charges do.
    let failed: Set<String>
    private let customer: String?
    /// Whether payments are told, and what they sold.
    let bringsSales: Bool

    init(customer: String, since: Timestamp, named: [String], failed: Set<String>, bringsSales: Bool) {
        (self.customer, self.since, self.named, self.failed) = (customer, since, Set(named), failed)
        self.bringsSales = bringsSales
        let lists: [ObjectKind] =
            bringsSales ? [.subscription, .invoice, .charge, .paymentIntent, .checkoutSession] : [.subscription]
        let objects = self.named.sorted().compactMap { id in ObjectKind(id: id).map { RefetchQuestion.object($0, id) } }
        first =
            [.object(.customer, customer)] + lists.map { .list($0, of: .customer(customer)) }
            + objects.filter { $0 != .object(.customer, customer) }
    }

    init(_ kind: ObjectKind, id: String, failed: Set<String>) {
        (customer, since, named, self.failed, bringsSales) = (nil, nil, [], failed, true)
        first = [.object(kind, id)]
    }

    /// What the answers so far make necessary, asked or not.
    func following(_ found: FoundObjects) -> [RefetchQuestion] {
        roots(found) + invoices(found) + payments(found)
    }

    // MARK: Invoices

    /// Invoices that may still change a decision: what is open, what is recent, and what runs.
    func kept(_ found: FoundObjects) -> [JSON] {
        let latest = Set(latestInvoices(found))
        return found.objects(.invoice).filter { invoice in
            guard let since, let id = invoice.reference("id"), !named.contains(id), !latest.contains(id) else {
                return true
            }
            // What was given up long ago, and nobody here knew of, is no news.
            if invoice["status"] == "open" { return true }
            let transitions = invoice["status_transitions"]
            let ends = ["paid_at", "voided_at", "marked_uncollectible_at"].map { transitions?.time($0) }
            let times = [invoice.time("created")] + ends
            return times.contains { $0.map { $0 > since } ?? false }
        }
    }

    /// The invoices of the periods that run, or that ended a subscription.
    private func latestInvoices(_ found: FoundObjects) -> [String] {
        found.objects(.subscription).compactMap { subscription in
            let isOver = ["canceled", "incomplete_expired"].contains(subscription["status"])
            let endedUnpaid = subscription.at("cancellation_details.reason") == "payment_failed"
            return isOver && !endedUnpaid ? nil : subscription.reference("latest_invoice")
        }
    }

    private func invoices(_ found: FoundObjects) -> [RefetchQuestion] {
        var questions = latestInvoices(found).filter { found[.invoice, $0] == nil }.map {
            RefetchQuestion.object(.invoice, $0)
        }
        for invoice in kept(found) {
            guard let id = invoice.reference("id"), hasAttempts(invoice) else { continue }
            // Since basil an invoice does not name what paid it.
            if !invoice.hasMember("payment_intent"), !invoice.hasMember("charge") {
                questions.append(.list(.invoicePayment, of: .invoice(id)))
            }
            for intent in found.intents(of: invoice) {
                if !knowsCharges(of: intent, of: invoice, found) {
                    questions.append(.list(.charge, of: .paymentIntent(intent)))
                }
                // Its status says whether an attempt is under way.
                if invoice["status"] != "paid", found[.paymentIntent, intent] == nil {
                    questions.append(.object(.paymentIntent, intent))
                }
            }
        }
        return questions
    }

    /// Whether it is known which invoice was paid by which payment. Otherwise both may sell the same credits.
    func knowsLinks(_ found: FoundObjects) -> Bool {
        let invoices = kept(found).filter { $0["status"] == "paid" && hasAttempts($0) }
        guard invoices.allSatisfy({ knowsPayments(of: $0, found) }) else { return false }
        return since != nil
            || found.objects(.paymentIntent).allSatisfy { intent in
                intent.hasMember("invoice")
                    || intent.reference("id").map { id in
                        found.answered.contains(.list(.invoicePayment, of: .paymentIntent(id)))
                    } ?? false
            }
    }

    /// Whether all payments of an invoice are known.
    func knowsPayments(of invoice: JSON, _ found: FoundObjects) -> Bool {
        invoice.hasMember("payment_intent") || invoice.hasMember("charge")
            || invoice.reference("id").map { found.answered.contains(.list(.invoicePayment, of: .invoice($0))) }
                ?? false
    }

    /// Whether there may be attempts to pay it that matter.
    private func hasAttempts(_ invoice: JSON) -> Bool {
        switch invoice["status"]?.string {
        case "paid": invoice["amount_paid"]?.integer != 0
        case "open", "uncollectible": invoice["collection_method"] != "send_invoice" && invoice.isAttempted
        default: false
        }
    }

    /// Whether every charge of a PaymentIntent is found.
    func knowsCharges(of intent: String, of invoice: JSON?, _ found: FoundObjects) -> Bool {
        if found.answered.contains(.list(.charge, of: .paymentIntent(intent))) { return true }
        let object = found[.paymentIntent, intent]
        if object?.hasMember("charges") == true { return true }
        guard let since, let customer, found.answered.contains(.list(.charge, of: .customer(customer))) else {
            return false
        }
        return (object ?? invoice)?.time("created").map { $0 > since } ?? false
    }

    // MARK: Payments

    private func payments(_ found: FoundObjects) -> [RefetchQuestion] {
        var questions: [RefetchQuestion] = []
        for charge in found.objects(.charge) {
            guard let id = charge.reference("id") else { continue }
            if charge.isPaidCharge, let intent = charge.reference("payment_intent"),
                found[.paymentIntent, intent] == nil
            {
                questions.append(.object(.paymentIntent, intent))
            }
            let embedded = charge["refunds"]
            if embedded?["has_more"] == true || embedded == nil && (charge["amount_refunded"]?.integer ?? 0) > 0 {
                questions.append(.list(.refund, of: .charge(id)))
            }
            if charge["disputed"] == true || charge.hasMember("dispute") && charge["dispute"] != nil {
                questions.append(.list(.dispute, of: .charge(id)))
            }
        }
        for intent in found.objects(.paymentIntent) where intent["status"] == "succeeded" {
            if let charge = intent.reference("latest_charge"), found[.charge, charge] == nil {
                questions.append(.object(.charge, charge))
            }
        }
        for session in found.objects(.checkoutSession) where session.isSale {
            if let intent = session.reference("payment_intent"), found[.paymentIntent, intent] == nil {
                questions.append(.object(.paymentIntent, intent))
            }
            if let invoice = session.reference("invoice"), found[.invoice, invoice] == nil {
                questions.append(.object(.invoice, invoice))
            }
        }
        return questions
    }

    /// What belongs to an object that was asked for by its id.
    private func roots(_ found: FoundObjects) -> [RefetchQuestion] {
        var questions: [RefetchQuestion] = []
        func want(_ kind: ObjectKind, _ id: String?) {
            if let id, found[kind, id] == nil { questions.append(.object(kind, id)) }
        }
        for part in found.objects(.refund) + found.objects(.dispute) {
            want(.charge, part.reference("charge"))
            if part.reference("charge") == nil { want(.paymentIntent, part.reference("payment_intent")) }
        }
        for payment in found.objects(.invoicePayment) { want(.invoice, payment.reference("invoice")) }
        guard since == nil else { return questions }
        for intent in found.objects(.paymentIntent) {
            guard let id = intent.reference("id") else { continue }
            want(.invoice, intent.reference("invoice"))
            if !intent.hasMember("invoice") {
                questions.append(.list(.invoicePayment, of: .paymentIntent(id)))
            }
            questions.append(.list(.checkoutSession, of: .paymentIntent(id)))
        }
        for charge in found.objects(.charge) { want(.invoice, charge.reference("invoice")) }
        return questions
    }
}

extension JSON {
    /// Whether a Checkout session has sold something, paid or still to be paid.
    var isSale: Bool {
        self["mode"] == "payment" && (self["status"] ?? "complete") == "complete"
    }
}
