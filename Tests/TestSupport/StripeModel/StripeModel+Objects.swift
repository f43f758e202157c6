// SPDX-License-Identifier: Apache-2.0

import Notation

/// Keeps the objects as Stripe's API shows them, whatever events tell.
extension StripeModel {
    mutating func keep(_ id: String, _ kind: String, _ members: [String: JSON] = [:]) {
        objects.put(id, members.merging(["object": .string(kind)]) { $1 }, now: now)
    }

    // MARK: Payments

    /// A payment whose money has arrived, and what was taken back of it.
    func kept(_ payment: Payment) -> [(id: String, kind: String, members: [String: JSON])] {
        let refunded = payment.booked + payment.refunded
        let intent: JSON = payment.intent.map(JSON.string) ?? .null
        let charge: [String: JSON] = [
            "amount": .integer(payment.authorised), "amount_captured": .integer(payment.amount),
            "amount_refunded": .integer(refunded), "refunded": .bool(payment.refunded == payment.amount),
            "captured": true, "status": "succeeded", "currency": .string(payment.currency),
            "customer": payment.customer.map(JSON.string) ?? .null, "payment_intent": intent, "metadata": [:],
        ]
        var all = [(id: payment.charge, kind: "charge", members: charge)]
        if let id = payment.intent {
            all.append(
                (
                    id, "payment_intent",
                    [
                        "amount": .integer(payment.authorised), "amount_received": .integer(payment.amount),
                        "currency": .string(payment.currency), "latest_charge": .string(payment.charge),
                        "status": "succeeded", "customer": payment.customer.map(JSON.string) ?? .null,
                    ]
                ))
        }
        for refund in payment.refunds.compactMap(\.object) {
            guard let id = refund["id"]?.string else { continue }
            all.append(
                (
                    id, "refund",
                    refund.merging(["charge": .string(payment.charge), "payment_intent": intent]) { $1 }
                ))
        }
        return all
    }

    mutating func keep(_ payment: Payment) {
        for (id, kind, members) in kept(payment) { keep(id, kind, members) }
    }

    /// The link between an invoice and what pays it.
    mutating func keepLink(
        _ name: String, of invoice: String, _ intent: String?, _ charge: String, status: String
    ) {
        keep(
            "inpay_\(name)", "invoice_payment",
            [
                "invoice": .string(invoice), "status": .string(status),
                "payment": intent.map { ["type": "payment_intent", "payment_intent": .string($0)] }
                    ?? ["type": "charge", "charge": .string(charge)],
            ])
    }

    /// - Parameter status: whether its money has arrived.
    mutating func keep(_ session: String, _ object: [String: JSON], status: JSON) {
        var members = object
        for key in ["customer", "invoice", "payment_intent"] { members[key] = object[key].flatMap(Self.id) ?? .null }
        members["payment_status"] = status
        members["status"] = "complete"
        keep(session, "checkout.session", members)
    }

    /// A session whose payment was authorised, and never captured.
    mutating func keepExpired(_ session: String, _ object: [String: JSON], _ payment: Payment) {
        keep(session, object, status: "unpaid")
        guard let intent = payment.intent else { return }
        let customer = payment.customer.map(JSON.string) ?? .null
        keep(intent, "payment_intent", ["status": "canceled", "customer": customer, "amount_received": 0])
    }

    mutating func keepDispute(_ id: String, _ object: [String: JSON], of payment: Payment) {
        let intent: JSON = payment.intent.map(JSON.string) ?? .null
        keep(id, "dispute", object.merging(["charge": .string(payment.charge), "payment_intent": intent]) { $1 })
        keep(payment.charge, "charge", ["disputed": true])
    }

    private static func id(_ reference: JSON) -> JSON? { reference["id"] ?? (reference == .null ? nil : reference) }

    mutating func keepPaid(_ invoice: String, _ payment: Payment, lines: [JSON], _ members: [String: JSON]) {
        let own: [String: JSON] = [
            "currency": .string(payment.currency), "lines": ["data": .array(lines), "has_more": false],
        ]
        if objects[invoice] == nil { keepDraft(invoice, ["billing_reason": "manual"]) }
        keep(invoice, "invoice", own.merging(members) { $1 })
        keepPaid(invoice, amount: payment.amount)
        keepLink("\(invoice)_paid", of: invoice, payment.intent, payment.charge, status: "paid")
    }

    // MARK: Invoices

    /// An invoice as it is made: a draft.
    mutating func keepDraft(_ invoice: String, _ members: [String: JSON]) {
        let own: [String: JSON] = [
            "customer": .string(customer), "status": "draft", "collection_method": "charge_automatically",
            "attempted": false, "attempt_count": 0,
            "amount_paid": 0, "due_date": .null,
            "hosted_invoice_url": .string("https://invoice.example/\(invoice)"), "status_transitions": [:],
        ]
        keep(invoice, "invoice", own.merging(members) { $1 })
    }

    /// A failure of an invoice that was sent is that nobody paid it in time; of any other, a charge that failed.
    mutating func keepFailure(of invoice: String, isMailed: Bool) {
        finalize(invoice, status: "open")
        guard !isMailed else {
            if objects[invoice]?["due_date"] ?? .null == .null {
                keep(invoice, "invoice", ["due_date": .integer(now.seconds)])
            }
            return
        }
        let attempts = (objects[invoice]?["attempt_count"]?.integer ?? 0) + 1
        keep(invoice, "invoice", ["attempted": true, "attempt_count": .integer(attempts)])
        let (charge, intent) = ("ch_\(invoice)_\(attempts)", "pi_\(invoice)")
        keep(
            charge, "charge",
            [
                "status": "failed", "captured": false, "customer": .string(customer), "amount": 1_000,
                "amount_refunded": 0, "payment_intent": .string(intent),
            ])
        keep(
            intent, "payment_intent",
            [
                "status": "requires_payment_method", "customer": .string(customer), "latest_charge": .string(charge),
                "metadata": [:],
            ])
        keepLink(invoice, of: invoice, intent, charge, status: "open")
    }

    /// - Parameter status: `open`, `paid`, `void` or `uncollectible`.
    mutating func finalize(_ invoice: String, status: String) {
        guard let known = objects[invoice] else { return }
        var transitions = known["status_transitions"]?.object ?? [:]
        let time = JSON.integer(now.seconds)
        if transitions["finalized_at"] == nil { transitions["finalized_at"] = time }
        switch status {
        case "paid": transitions["paid_at"] = time
        case "void": transitions["voided_at"] = time
        case "uncollectible": transitions["marked_uncollectible_at"] = time
        default: break
        }
        keep(invoice, "invoice", ["status": .string(status), "status_transitions": .object(transitions)])
    }

    mutating func keepPaid(_ invoice: String, amount: Int64) {
        finalize(invoice, status: "paid")
        keep(invoice, "invoice", ["amount_paid": .integer(amount), "attempted": true])
    }
}
