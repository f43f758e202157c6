// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import Store

/// Purchases as the admin API shows them.
enum PurchaseDocument {
    static func page(_ records: [PurchaseRecord], hasMore: Bool) -> Object<PurchasesAPI.Page> {
        Object {
            $0.data = records.map { purchase($0) }
            $0.hasMore = hasMore
        }
    }

    /// - Parameter takenFrom: for an assignment: a typing error, and what it did to whom, must be visible.
    static func purchase(
        _ record: PurchaseRecord,
        takenFrom: AssignmentResult.Taking? = nil
    ) -> Object<PurchasesAPI.Purchase> {
        let facts = record.facts
        return Object {
            $0.id = record.id
            $0.customer = facts.customer
            $0.credits = facts.credits
            $0.given = record.credited
            $0.paid = facts.paid
            $0.share = facts.share
            $0.taken = facts.reversed
            $0.currency = facts.currency
            $0.objects = facts.parts.mapValues(part)
            $0.refunds = facts.refunds.mapValues(refund)
            $0.disputes = facts.disputes.mapValues(dispute)
            $0.assignment = facts.assignment.map(assignment)
            $0.takenFrom = takenFrom.map(taking)
        }
    }

    private static func taking(_ taking: AssignmentResult.Taking) -> Object<PurchasesAPI.Taking> {
        Object {
            $0.customer = taking.access.customer
            $0.credits = taking.credits
            $0.balance = taking.access.credits
            $0.allowed = taking.access.decision.allowed
            $0.reason = taking.access.decision.reason.rawValue
        }
    }

    private static func part(_ part: PurchaseFacts.Part) -> Object<PurchasesAPI.Part> {
        Object {
            $0.kind = part.kind.rawValue
            $0.customer = part.customer
            $0.credits = part.offer?.credits
            $0.paid = part.paid
            $0.refunded = part.refunded
            $0.currency = part.currency
        }
    }

    private static func assignment(_ assignment: PurchaseFacts.Assignment) -> Object<PurchasesAPI.Assignment> {
        Object {
            $0.customer = assignment.customer
            $0.credits = assignment.credits
            $0.reason = assignment.reason
            $0.operator = assignment.operator
            $0.at = assignment.at
        }
    }

    private static func refund(_ refund: Billing.Refund) -> Object<PurchasesAPI.Refund> {
        Object {
            $0.status = refund.status.rawValue
            $0.amount = refund.amount
            $0.currency = refund.currency
        }
    }

    private static func dispute(_ dispute: Billing.Dispute) -> Object<PurchasesAPI.Dispute> {
        Object {
            $0.status = dispute.standing.rawValue
            $0.amount = dispute.amount
            $0.currency = dispute.currency
            $0.at = dispute.at
        }
    }
}
