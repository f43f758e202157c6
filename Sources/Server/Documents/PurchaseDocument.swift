// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Store

/// Purchases and prices as the admin API shows them.
enum PurchaseDocument {
    static func purchase(_ record: PurchaseRecord) -> JSON {
        let facts = record.facts
        return [
            "id": .string(record.id),
            "customer": .optional(facts.customer),
            "credits": facts.credits.map(JSON.integer) ?? .null,
            "given": .integer(record.credited),
            "paid": facts.paid.map(JSON.integer) ?? .null,
            "share": facts.share.map(JSON.integer) ?? .null,
            "taken": .integer(facts.reversed),
            "objects": .object(facts.parts.mapValues(object)),
            "refunds": .object(facts.refunds.mapValues(refund)),
            "disputes": .object(facts.disputes.mapValues(dispute)),
            "assignment": facts.assignment.map(assignment) ?? .null,
        ]
    }

    /// The answer to an assignment.
    /// - Parameter takenFrom: a slip of the pen must be seen, and what it did to whom.
    static func assigned(_ record: PurchaseRecord, takenFrom: AssignmentResult.Taking?) -> JSON {
        let document = purchase(record)
        guard let takenFrom, var members = document.object else { return document }
        members["taken_from"] = [
            "customer": .string(takenFrom.access.customer),
            "credits": .integer(takenFrom.credits),
            "balance": .integer(takenFrom.access.credits),
            "allowed": .bool(takenFrom.access.decision.allowed),
            "reason": .string(takenFrom.access.decision.reason.rawValue),
        ]
        return .object(members)
    }

    static func price(_ record: PriceRecord) -> JSON {
        [
            "price": .string(record.id),
            "credits": .integer(record.credits),
            "unit_amount": record.unitAmount.map(JSON.integer) ?? .null,
            "operator": .string(record.operator),
            "set_at": .string("\(record.setAt)"),
        ]
    }

    private static func object(_ part: PurchaseFacts.Part) -> JSON {
        [
            "kind": .string(part.kind.rawValue),
            "customer": .optional(part.customer),
            "credits": part.offer.map { .integer($0.credits) } ?? .null,
            "paid": part.paid.map(JSON.integer) ?? .null,
            "refunded": part.refunded.map(JSON.integer) ?? .null,
        ]
    }

    private static func assignment(_ assignment: PurchaseFacts.Assignment) -> JSON {
        [
            "customer": .string(assignment.customer),
            "credits": assignment.credits.map(JSON.integer) ?? .null,
            "reason": .string(assignment.reason),
            "operator": .string(assignment.operator),
            "at": .string("\(assignment.at)"),
        ]
    }

    private static func refund(_ refund: Billing.Refund) -> JSON {
        ["status": .string(refund.status.rawValue), "amount": .integer(refund.amount)]
    }

    private static func dispute(_ dispute: Billing.Dispute) -> JSON {
        [
            "status": .string(dispute.standing.rawValue),
            "amount": .integer(dispute.amount),
            "at": .string("\(dispute.at)"),
        ]
    }
}
