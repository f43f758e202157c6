// SPDX-License-Identifier: Apache-2.0

import Notation

extension Account {
    /// Whether the customer may call the API at `now`. A pure function of the facts, the time and the
    /// configuration, in the order of docs/rules.md.
    package func decide(at now: Timestamp, policy: Policy) -> Decision {
        rules(policy, at: now).decide(at: now)
    }

    /// The decision at `now` and those that follow with time alone, each from the moment the previous one ends.
    func schedule(from now: Timestamp, policy: Policy) -> [(from: Timestamp, decision: Decision)] {
        rules(policy, at: now).schedule(from: now)
    }

    private func rules(_ policy: Policy, at now: Timestamp) -> AccessRules {
        let isDisputed = policy.blocksOnDispute && !openDisputes.isEmpty
        let failed = invoices.values.filter { $0.hasFailed(among: subscriptions) }
        let failedOf = Dictionary(grouping: failed) { $0.subscription ?? "" }
        return AccessRules(
            override: override,
            blocking: isDeleted ? .customerDeleted : isDisputed ? .disputed : nil,
            deadlines: failed.compactMap { $0.isDebt(among: subscriptions, policy) ? $0.graceEnd(policy) : nil },
            entitlements: subscriptions.values.flatMap { subscription in
                Self.entitlements(by: subscription, failed: failedOf[subscription.id] ?? [], policy)
            },
            credits: balance.coverage(at: now),
            denial: hasPurchased || wasGranted
                ? .creditsExhausted : subscriptions.isEmpty ? .noSubscription : .subscriptionEnded
        )
    }

    /// Every way in which a subscription entitles, and for how long.
    /// - Parameter failed: its failed invoices, whether paid later or not.
    private static func entitlements(
        by subscription: Subscription,
        failed: [Invoice],
        _ policy: Policy
    ) -> [Entitlement] {
        let payments = subscription.payments
        // A paid invoice reaches to the end of its period, plus a grace period for the renewal to arrive.
        func reaching(_ coverage: Coverage?) -> [Entitlement] {
            switch coverage {
            case .until(let end): [Entitlement(.invoicePaid, .until(end + policy.gracePeriod))]
            case .openEnded: [Entitlement(.invoicePaid)]
            case nil: []
            }
        }
        let grace = failed.compactMap { Self.grace(of: $0, policy) }
        guard let history = subscription.history else {
            // Its own events never came, so its invoices decide.
            return reaching(payments.coverage) + grace
        }
        switch history.status {
        case .active, .trialing, .pastDue:
            guard let suspension = history.suspension else { return [Entitlement(.subscriptionActive)] }
            let paid = subscription.paidPeriodEnd.map { Entitlement(.subscriptionActive, .until($0)) }
            let resumed = suspension.resumesAt.map { Entitlement(.subscriptionActive, .from($0)) }
            return [paid, resumed].compactMap(\.self) + grace
        case .incomplete:
            // Every subscription begins like this: whatever is paid or due came later.
            return reaching(payments.coverage) + grace
        case .unpaid:
            return reaching(payments.coverage(since: history.second)) + grace
        case .paused:
            return reaching(payments.coverage(after: history.second))
        case .canceled where history.endedUnpaid:
            // A customer who paid after all gets what was paid for; nothing renews it.
            let end = payments.periodEnd(since: history.endedAt ?? history.second)
            return (end.map { [Entitlement(.invoicePaid, .until($0))] } ?? []) + grace
        case .canceled, .incompleteExpired:
            return []
        }
    }

    /// The grace period of a failed invoice. A customer who pays within it keeps the rest: paying takes no access away.
    private static func grace(of invoice: Invoice, _ policy: Policy) -> Entitlement? {
        guard let end = invoice.graceEnd(policy) else { return nil }
        switch invoice.status {
        case .open, .uncollectible: return Entitlement(.gracePeriod, .until(end))
        case .paid: return Entitlement(.invoicePaid, .until(end))
        case .void: return nil
        }
    }
}
