import Stripe

extension Account {
    /// Whether the customer may call the API at `now`. A pure function of the facts, the time and the
    /// configuration, in the order of the README's rules.
    public func decide(at now: Timestamp, policy: Policy) -> Decision {
        if let override, override.isActive(at: now) {
            return Decision(override.allowed ? .overrideAllow : .overrideDeny, until: override.until)
        }
        if isDeleted { return Decision(.customerDeleted) }
        if policy.blocksOnDispute, !openDisputes.isEmpty { return Decision(.disputed) }

        let deadlines = invoices.values.compactMap { $0.isDebt(among: subscriptions) ? $0.graceEnd(policy) : nil }
        if deadlines.contains(where: { $0 <= now }) { return Decision(.paymentOverdue) }

        let entitlements = subscriptions.values.flatMap { self.entitlements(by: $0, at: now, policy: policy) }
        if !entitlements.isEmpty || credits > 0, let deadline = deadlines.min() {
            // Credits outlast a subscription's end; without them the grace period cannot.
            let isLasting = credits > 0 || entitlements.contains { $0.until == nil }
            let end = isLasting ? nil : entitlements.compactMap(\.until).max()
            return Decision(.gracePeriod, until: earliest(deadline, end))
        }
        if let best = entitlements.max(by: Self.isWeaker) { return best }
        if credits > 0 { return Decision(.credits) }

        if lastEntry != nil || hasPurchased { return Decision(.creditsExhausted) }
        return Decision(subscriptions.isEmpty ? .noSubscription : .subscriptionEnded)
    }

    /// Of two entitlements the one that says less: `subscription_active` first, then the one that holds longest.
    private static func isWeaker(_ one: Decision, _ other: Decision) -> Bool {
        let (oneRank, otherRank) = (rank(one.reason), rank(other.reason))
        if oneRank != otherRank { return oneRank < otherRank }
        guard let end = one.until else { return false }
        return other.until.map { end < $0 } ?? true
    }

    private static func rank(_ reason: Reason) -> Int {
        switch reason {
        case .subscriptionActive: 2
        case .invoicePaid: 1
        default: 0
        }
    }

    /// Each way in which a subscription entitles, and until when.
    private func entitlements(by subscription: Subscription, at now: Timestamp, policy: Policy) -> [Decision] {
        switch subscription.status {
        case .active, .trialing, .pastDue:
            return [Decision(.subscriptionActive)]
        case .unpaid:
            return grace(of: subscription, at: now, policy: policy)
        case .canceled where subscription.history?.endedUnpaid == true:
            return grace(of: subscription, at: now, policy: policy)
        case .canceled, .incomplete, .incompleteExpired, .paused:
            return []
        case nil:
            // Its own events never came: its invoices speak for it, a paid one through its period and a grace period
            // for the renewal to arrive, a failed renewal while its grace runs.
            let paid = subscription.coverage.map { coverage in
                Decision(.invoicePaid, until: coverage.end.map { $0 + policy.gracePeriod })
            }
            let lasting = [paid].compactMap(\.self).filter { $0.until.map { now < $0 } ?? true }
            return lasting + grace(of: subscription, at: now, policy: policy)
        }
    }

    /// While a failed invoice of the subscription is in grace; the longest of several.
    private func grace(of subscription: Subscription, at now: Timestamp, policy: Policy) -> [Decision] {
        let ends = invoices.values.compactMap { $0.subscription == subscription.id ? $0.graceEnd(policy) : nil }
        return ends.filter { now < $0 }.max().map { [Decision(.gracePeriod, until: $0)] } ?? []
    }

    /// The decision at `now` and those that follow by themselves, each from the moment the one before ends.
    func schedule(from now: Timestamp, policy: Policy) -> [(from: Timestamp, decision: Decision)] {
        var schedule: [(from: Timestamp, decision: Decision)] = []
        var next: Timestamp? = now
        while let from = next {
            let decision = decide(at: from, policy: policy)
            schedule.append((from, decision))
            // Every step moves past one deadline of finitely many, so this ends.
            next = decision.until
        }
        return schedule
    }
}
