import Stripe

extension Account {
    /// Whether the customer may call the API at `now`. A pure function of the facts, the time and the
    /// configuration, in the order of the README's rules.
    public func decide(at now: Timestamp, policy: Policy) -> Decision {
        rules(policy).decide(at: now)
    }

    /// The decision at `now` and those that follow by themselves, each from the moment the one before ends.
    func schedule(from now: Timestamp, policy: Policy) -> [(from: Timestamp, decision: Decision)] {
        rules(policy).schedule(from: now)
    }

    private func rules(_ policy: Policy) -> AccessRules {
        let isDisputed = policy.blocksOnDispute && !openDisputes.isEmpty
        let isSubscriber = !subscriptions.isEmpty
        return AccessRules(
            override: override,
            verdict: isDeleted ? .customerDeleted : isDisputed ? .disputed : nil,
            deadlines: invoices.values.compactMap { invoice in
                invoice.isDebt(among: subscriptions, policy) ? invoice.graceEnd(policy) : nil
            },
            entitlements: subscriptions.values.flatMap { entitlements(by: $0, policy) },
            hasCredits: credits > 0,
            denial: lastEntry != nil || hasPurchased
                ? .creditsExhausted : isSubscriber ? .subscriptionEnded : .noSubscription
        )
    }

    /// Each way in which a subscription entitles, and for how long.
    private func entitlements(by subscription: Subscription, _ policy: Policy) -> [Entitlement] {
        let payments = subscription.payments
        // A paid invoice reaches through its period, and a grace period more for the renewal to arrive.
        func reaching(_ coverage: Coverage?) -> [Entitlement] {
            coverage.map { [Entitlement(.invoicePaid, until: $0.end.map { $0 + policy.gracePeriod })] } ?? []
        }
        let grace = grace(of: subscription, policy)
        guard let history = subscription.history else {
            // Its own events never came: its invoices speak for it.
            return reaching(payments.coverage) + grace
        }
        switch history.status {
        case .active, .trialing, .pastDue:
            guard let suspension = history.suspension else { return [Entitlement(.subscriptionActive)] }
            let paid = subscription.paidPeriodEnd.map { Entitlement(.subscriptionActive, until: $0) }
            let resumed = suspension.resumesAt.map { Entitlement(.subscriptionActive, from: $0) }
            return [paid, resumed].compactMap(\.self) + grace
        case .incomplete:
            // That is how it begins: whatever is paid or due came later.
            return reaching(payments.coverage) + grace
        case .unpaid:
            return reaching(payments.coverage(since: history.second)) + grace
        case .paused:
            return reaching(payments.coverage(after: history.second))
        case .canceled where history.endedUnpaid:
            // Who paid after all has what was paid for, and nothing renews it.
            let end = payments.periodEnd(since: history.endedAt ?? history.second)
            return (end.map { [Entitlement(.invoicePaid, until: $0)] } ?? []) + grace
        case .canceled, .incompleteExpired:
            return []
        }
    }

    /// The grace periods of the subscription's invoices that failed. Who pays within one keeps what is left of it: paying
    /// takes no access away.
    private func grace(of subscription: Subscription, _ policy: Policy) -> [Entitlement] {
        invoices.values.compactMap { invoice in
            guard invoice.subscription == subscription.id, invoice.hasFailed(among: subscriptions) else { return nil }
            let reason: Reason? =
                switch invoice.status {
                case .open, .uncollectible: .gracePeriod
                case .paid: .invoicePaid
                case .void: nil
                }
            return reason.map { Entitlement($0, until: invoice.graceEnd(policy)) }
        }
    }
}
