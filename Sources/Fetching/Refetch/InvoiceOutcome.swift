// SPDX-License-Identifier: Apache-2.0

import Notation

/// What happened to an invoice, and when, as far as the invoice and the attempts to pay it show.
struct InvoiceOutcome {
    let invoice: JSON
    /// All attempts to pay it that are known.
    let charges: [JSON]
    /// The status of each PaymentIntent that was to pay it; nil for one that could not be read.
    let intents: [String?]
    /// Whether no attempt can be missing.
    let isComplete: Bool
    /// Whether an event has said when it failed. A charge only says when it was made, days before a bank refuses it.
    let isFailureKnown: Bool
    let asked: Timestamp

    /// The events that say it; none for a draft, and for one that is neither paid nor due.
    var statements: [RefetchStatement] {
        let transitions = invoice["status_transitions"] ?? [:]
        switch invoice["status"]?.string {
        // Its last second counts.
        case "open": return [failure(before: asked + .seconds(1))].compactMap(\.self)
        case "uncollectible":
            let end = transitions.time("marked_uncollectible_at") ?? made
            // It may be given up the moment it is due.
            let failure = failure(before: end + .seconds(1))
            return [failure, statement("invoice.marked_uncollectible", at: end)].compactMap(\.self)
        case "void":
            return [statement("invoice.voided", at: transitions.time("voided_at") ?? made)]
        case "paid":
            let paidAt =
                transitions.time("paid_at") ?? charges.filter(\.isPaidCharge).compactMap { $0.time("created") }
                .max() ?? made
            return [failure(before: paidAt), statement("invoice.paid", at: paidAt)].compactMap(\.self)
        default: return []
        }
    }

    /// When it was finalised, or at least made.
    private var made: Timestamp {
        invoice["status_transitions"]?.time("finalized_at") ?? invoice.time("created") ?? invoice.time("date") ?? asked
    }

    /// Its first failure, if it came before `end`. Never the time of asking: grace would begin anew with it.
    private func failure(before end: Timestamp) -> RefetchStatement? {
        if invoice["collection_method"] == "send_invoice" {
            guard let due = invoice.time("due_date"), due < end else { return nil }
            return failure("invoice.overdue", at: due)
        }
        let failed = charges.filter { $0["status"] == "failed" }.compactMap { $0.time("created") }.min()
        if let failed { return failure("invoice.payment_failed", at: failed) }
        // An attempt without a charge, such as one that waits for authentication, failed at once.
        guard invoice["status"] != "paid", invoice.isAttempted, isComplete, !isUnderWay else { return nil }
        return failure("invoice.payment_failed", at: made)
    }

    private func failure(_ type: String, at time: Timestamp) -> RefetchStatement {
        var statement = statement(type, at: time)
        statement.isKnown = isFailureKnown
        return statement
    }

    /// Whether an attempt may yet succeed by itself, as a bank's does for days; also if that is unknown.
    private var isUnderWay: Bool {
        intents.contains { status in
            status.map { ["processing", "succeeded", "requires_capture"].contains($0) } ?? true
        } || charges.contains { ["pending", "succeeded"].contains($0["status"]) }
    }

    private func statement(_ type: String, at time: Timestamp) -> RefetchStatement {
        RefetchStatement(type, invoice, at: time)
    }
}

extension JSON {
    /// Whether Stripe has tried to collect an invoice.
    var isAttempted: Bool { self["attempted"] == true || (self["attempt_count"]?.integer ?? 0) > 0 }

    /// Whether a charge has brought money.
    var isPaidCharge: Bool { self["status"] == "succeeded" && self["captured"] != false }
}
