// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// The truth at Stripe, recorded as it happens and not from events: nothing here is merged, ordered or received.
package struct Truth: Sendable {
    package struct Subscription: Sendable {
        package var customer: String
        /// The status that its own events reported last, and when; nil if none is sent.
        package var status: String?
        package var toldAt: Timestamp?
        package var endedUnpaid = false
        /// Whether they reported last that its invoices are voided, and when that ends by itself.
        package var suspension: Timestamp??
        /// The latest end of a current period that they reported while invoices were collected.
        package var periodEnd: Timestamp?
        /// The latest end of a period whose invoice was voided.
        package var voidedThrough: Timestamp?
        /// Its paid invoices: when each was paid, when its period ends, and how far it grants access.
        package var payments: [(paidAt: Timestamp, periodEnd: Timestamp, reach: Timestamp)] = []
        /// Whether an invoice shows that it once ran.
        package var isNamed = false
        /// Until when it is actually paid for, whatever its events reported; nil if it does not run or is not paid.
        package var isPaidUntil: Timestamp?

        package init(customer: String) {
            self.customer = customer
        }

        /// Whether anything shows that it has begun.
        var hasRun: Bool {
            !payments.isEmpty || ["trialing", "active", "past_due", "unpaid", "paused"].contains(status)
        }
    }

    package struct Invoice: Sendable {
        package var customer: String
        package var subscription: String?
        package var isFirst = false
        package var isMailed = false
        package var onlySellsCredits = false
        /// Paid or void.
        package var isSettled = false
        package var isPaid = false
        package var failedAt: Timestamp?
    }

    package struct Purchase: Sendable {
        /// Nil if no event names one.
        package var customer: String?
        package var credits: Int64
        package var paid: Int64
        package var refunded: Int64 = 0
        package var disputed: Int64 = 0
        /// How much of the payment was for the credits; nil if that is not stated.
        package var forCredits: Int64?

        package var due: Int64 {
            let price = min(paid, forCredits ?? paid)
            let taken = min(price, refunded + disputed)
            return price > 0 ? credits - credits * taken / price : credits
        }
    }

    package var subscriptions: [String: Subscription] = [:]
    package var invoices: [String: Invoice] = [:]
    package var purchases: [Purchase] = []
    package var deleted: Set<String> = []
    /// Customers with an open dispute.
    package var disputed: Set<String> = []

    package init() {}

    mutating func merge(_ other: Truth) {
        subscriptions.merge(other.subscriptions) { $1 }
        invoices.merge(other.invoices) { $1 }
        purchases += other.purchases
        deleted.formUnion(other.deleted)
        disputed.formUnion(other.disputed)
    }

    // MARK: What follows for a customer

    package func credits(of customer: String) -> Int64 {
        purchases.filter { $0.customer == customer }.map(\.due).reduce(0, +)
    }

    /// Until when a customer without debts has paid, and must be allowed whatever else is known.
    package func isPaidUntil(_ customer: String) -> Timestamp? {
        let own = invoices.values.filter { $0.customer == customer }
        guard !deleted.contains(customer), !own.contains(where: { $0.failedAt != nil && !$0.isSettled }) else {
            return nil
        }
        return subscriptions.values.filter { $0.customer == customer }.compactMap(\.isPaidUntil).max()
    }

    /// Times at which something may change.
    package func moments(of customer: String, gracePeriod: Duration) -> [Timestamp] {
        invoices.values.filter { $0.customer == customer }.compactMap { $0.failedAt.map { $0 + gracePeriod } }
            + subscriptions.values.filter { $0.customer == customer }.flatMap { subscription in
                subscription.payments.flatMap { [$0.periodEnd, $0.reach + gracePeriod] }
                    + [subscription.periodEnd, subscription.suspension ?? nil].compactMap(\.self)
            }
    }

    /// Whether the customer may call the API at `now`, and until when if nothing else happens.
    package func answer(
        for customer: String,
        at now: Timestamp,
        gracePeriod: Duration,
        blocksOnDispute: Bool,
        countsMailed: Bool = false
    ) -> (reason: String, until: Timestamp?) {
        func reason(at moment: Timestamp) -> String {
            self.reason(
                for: customer, at: moment, gracePeriod: gracePeriod, blocksOnDispute: blocksOnDispute,
                countsMailed: countsMailed)
        }
        let current = reason(at: now)
        let later = moments(of: customer, gracePeriod: gracePeriod).filter { now < $0 }.sorted()
        return (current, later.first { reason(at: $0) != current })
    }

    /// The list of the rules, line by line.
    private func reason(
        for customer: String,
        at now: Timestamp,
        gracePeriod: Duration,
        blocksOnDispute: Bool,
        countsMailed: Bool
    ) -> String {
        if deleted.contains(customer) { return "customer_deleted" }
        if blocksOnDispute, disputed.contains(customer) { return "disputed" }

        let own = invoices.values.filter { $0.customer == customer }
        /// Whether its failure counts: a first invoice's only if its subscription runs without it.
        func counts(_ invoice: Invoice) -> Bool {
            guard invoice.failedAt != nil, !invoice.onlySellsCredits else { return false }
            guard let subscription = invoice.subscription.flatMap({ subscriptions[$0] }) else { return true }
            return !invoice.isFirst || invoice.isMailed || subscription.hasRun
        }
        func isDebt(_ invoice: Invoice) -> Bool {
            guard counts(invoice), !invoice.isSettled else { return false }
            guard let id = invoice.subscription else { return countsMailed || !invoice.isMailed }
            return !["canceled", "incomplete_expired"].contains(subscriptions[id]?.status)
        }
        func isInGrace(_ invoice: Invoice) -> Bool { invoice.failedAt.map { now < $0 + gracePeriod } ?? false }

        let debts = own.filter(isDebt)
        if debts.contains(where: { !isInGrace($0) }) { return "payment_overdue" }
        var ways: Set<String> = []
        for (id, subscription) in subscriptions where subscription.customer == customer {
            let failed = own.filter { $0.subscription == id && counts($0) && isInGrace($0) }
            ways.formUnion(self.ways(by: subscription, failed, at: now, gracePeriod))
        }
        let hasCredits = credits(of: customer) > 0
        if !debts.isEmpty, hasCredits || !ways.isEmpty { return "grace_period" }
        for reason in ["subscription_active", "invoice_paid", "grace_period"] where ways.contains(reason) {
            return reason
        }
        if hasCredits { return "credits" }
        if purchases.contains(where: { $0.customer == customer }) { return "credits_exhausted" }
        let isKnown = subscriptions.contains { id, subscription in
            subscription.customer == customer
                && (subscription.status != nil || subscription.isNamed
                    || own.contains { $0.subscription == id && $0.failedAt != nil && (!$0.isFirst || $0.isMailed) })
        }
        return isKnown ? "subscription_ended" : "no_subscription"
    }

    /// The reasons for which a subscription grants access at `now`.
    /// - Parameter failed: its invoices that failed, paid later or not, whose grace period still runs.
    private func ways(
        by subscription: Subscription,
        _ failed: [Invoice],
        at now: Timestamp,
        _ gracePeriod: Duration
    ) -> Set<String> {
        var grace: Set<String> = []
        if failed.contains(where: { !$0.isSettled }) { grace.insert("grace_period") }
        if failed.contains(where: { $0.isPaid }) { grace.insert("invoice_paid") }
        func paid(_ isIncluded: (Timestamp) -> Bool) -> Set<String> {
            let reaches = subscription.payments.contains { isIncluded($0.paidAt) && now < $0.reach + gracePeriod }
            return reaches ? ["invoice_paid"] : []
        }
        guard let status = subscription.status, let toldAt = subscription.toldAt else {
            return paid { _ in true } + grace
        }
        switch status {
        case "incomplete": return paid { _ in true } + grace
        case "unpaid": return paid { $0 >= toldAt } + grace
        case "paused": return paid { $0 > toldAt }
        case "canceled" where subscription.endedUnpaid:
            let late = subscription.payments.contains { $0.paidAt >= toldAt && now < $0.periodEnd }
            return (late ? ["invoice_paid"] : []) + grace
        case "active", "trialing", "past_due":
            guard let resumesAt = subscription.suspension else { return ["subscription_active"] }
            if let resumesAt, resumesAt <= now { return ["subscription_active"] + grace }
            var ends = subscription.payments.map(\.periodEnd)
            if let told = subscription.periodEnd, subscription.voidedThrough.map({ $0 < told }) ?? true {
                ends.append(told)
            }
            return (ends.contains { now < $0 } ? ["subscription_active"] : []) + grace
        default: return []
        }
    }
}

extension Set {
    fileprivate static func + (one: Set, other: Set) -> Set { one.union(other) }
}
