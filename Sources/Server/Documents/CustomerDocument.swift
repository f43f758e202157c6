// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Store

/// Customers as the gateway and the admin API show them.
enum CustomerDocument {
    /// The gateway's answer.
    /// - Parameter isStale: from memory, as the database is away.
    static func access(_ answer: AccessAnswer, isStale: Bool = false) -> JSON {
        var document = decision(answer)
        if isStale { document["stale"] = true }
        document["customer"] = .string(answer.customer)
        document["changed_at"] = nil
        return .object(document)
    }

    /// The same in a list for operators, with the moment since when it is so.
    static func line(_ answer: AccessAnswer) -> JSON {
        var document = decision(answer)
        document["customer"] = .string(answer.customer)
        return .object(document)
    }

    static func statement(_ statement: CustomerStatement, policy: Policy) -> JSON {
        let subscriptions = Dictionary(statement.subscriptions.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        return [
            "customer": .string(statement.answer.customer),
            "decision": .object(decision(statement.answer)),
            "deleted": .bool(statement.isDeleted),
            "override": statement.override.map(override) ?? .null,
            "subscriptions": .array(statement.subscriptions.map(subscription)),
            "invoices": .array(statement.invoices.map { invoice($0, subscriptions, policy) }),
            "purchases": .array(statement.purchases.map(PurchaseDocument.purchase)),
            "ledger": .array(statement.ledger.map(ledger)),
            "ledger_has_more": .bool(statement.hasMoreLedger),
            "timeline": .array(statement.timeline.map(timeline)),
            "timeline_has_more": .bool(statement.hasMoreTimeline),
        ]
    }

    /// The answer to an override.
    /// - Parameter isNew: nobody had named the customer before: a slip of the pen must be seen.
    static func access(_ answer: AccessAnswer, isNew: Bool) -> JSON {
        var document = decision(answer)
        document["customer"] = .string(answer.customer)
        document["changed_at"] = nil
        if isNew { document["created"] = true }
        return .object(document)
    }

    /// The answer to an override's end.
    static func cleared(_ answer: AccessAnswer, wasSet: Bool) -> JSON {
        var document = decision(answer)
        document["customer"] = .string(answer.customer)
        document["changed_at"] = nil
        document["cleared"] = .bool(wasSet)
        return .object(document)
    }

    static func grant(_ grant: CreditGrant) -> JSON {
        var document: [String: JSON] = [
            "customer": .string(grant.customer),
            "amount": .integer(grant.amount),
            "reason": .string(grant.reason),
            "balance": .integer(grant.balance),
            "number": .integer(grant.number),
            "at": .string("\(grant.at)"),
        ]
        if grant.isOfNewCustomer { document["created"] = true }
        return .object(document)
    }

    static func ledger(_ line: LedgerEntry) -> JSON {
        var document: [String: JSON] = [
            "customer": .string(line.customer),
            "number": .integer(line.entry.number),
            "amount": .integer(line.entry.amount),
            "balance": .integer(line.entry.balance),
            "kind": .string(line.entry.kind.rawValue),
            "business_key": .string(line.entry.businessKey),
            "at": .string("\(line.at)"),
            "event": .null, "operator": .null, "reason": .null,
        ]
        switch line.entry.cause {
        case .event(let id): document["event"] = .string(id)
        case .operator(let name, let note):
            document["operator"] = .string(name)
            document["reason"] = .string(note)
        case .time, .configuration: break
        }
        return .object(document)
    }

    static func timeline(_ line: TimelineEntry) -> JSON {
        [
            "at": .string("\(line.change.at)"),
            "customer": .string(line.customer),
            "allowed": .bool(line.change.decision.allowed),
            "reason": .string(line.change.decision.reason.rawValue),
            "until": .optional(line.change.decision.until),
            "version": .integer(line.change.version),
            "cause": cause(line.change.cause),
        ]
    }

    private static func cause(_ cause: Cause) -> JSON {
        switch cause {
        case .event(let id): ["kind": "event", "event": .string(id)]
        case .operator(let name, let note):
            ["kind": "operator", "operator": .string(name), "note": .string(note)]
        case .time: ["kind": "time"]
        case .configuration: ["kind": "configuration"]
        }
    }

    private static func decision(_ answer: AccessAnswer) -> [String: JSON] {
        [
            "allowed": .bool(answer.decision.allowed),
            "reason": .string(answer.decision.reason.rawValue),
            "until": .optional(answer.decision.until),
            "credits": .integer(answer.credits),
            "version": .integer(answer.version),
            "changed_at": .string("\(answer.changedAt)"),
        ]
    }

    private static func override(_ override: Override) -> JSON {
        [
            "allowed": .bool(override.allowed),
            "reason": .string(override.reason),
            "until": .optional(override.until),
            "operator": .string(override.operator),
            "created_at": .string("\(override.setAt)"),
        ]
    }

    private static func subscription(_ subscription: Billing.Subscription) -> JSON {
        [
            "id": .string(subscription.id),
            "status": .optional(subscription.status?.rawValue),
            "paid": .bool(!subscription.payments.isEmpty),
            "paid_through": .optional(subscription.payments.coverage?.end),
            "paid_period_ends_at": .optional(subscription.paidPeriodEnd),
            "suspended": .bool(subscription.history?.suspension != nil),
            "resumes_at": .optional(subscription.history?.suspension?.resumesAt),
        ]
    }

    private static func invoice(
        _ invoice: Billing.Invoice,
        _ subscriptions: [String: Billing.Subscription],
        _ policy: Policy
    ) -> JSON {
        let isInGrace = invoice.status < .void && invoice.hasFailed(among: subscriptions)
        return [
            "id": .string(invoice.id),
            "status": .string(invoice.status.rawValue),
            "subscription": .optional(invoice.subscription),
            "billing_reason": .optional(invoice.billingReason),
            "collection_method": .optional(invoice.collectionMethod?.rawValue),
            "first_failed_at": .optional(invoice.firstFailedAt),
            "grace_ends_at": .optional(isInGrace ? invoice.graceEnd(policy) : nil),
            "is_debt": .bool(invoice.isDebt(among: subscriptions, policy)),
        ]
    }
}
