import Stripe

extension Account {
    /// Whether the customer may call the API at `now`. A pure function of the facts, the time and the
    /// configuration, in the order of the README's rules.
    public func decide(at now: Timestamp, policy: Policy) -> Decision {
        if let override, override.isActive(at: now) {
            return Decision(override.allowed ? .overrideAllow : .overrideDeny, until: override.until)
        }
        if isDeleted { return Decision(.customerDeleted) }

        let deadlines = invoices.values.compactMap { isDebt($0) ? $0.graceEnd(policy) : nil }
        if deadlines.contains(where: { $0 <= now }) { return Decision(.paymentOverdue) }

        let entitlement = entitlement(at: now, policy: policy)
        if entitlement != nil || credits > 0, let deadline = deadlines.min() {
            // Credits outlast a subscription's end; without them the grace period cannot.
            return Decision(.gracePeriod, until: credits > 0 ? deadline : earliest(deadline, entitlement?.until))
        }
        if let entitlement { return entitlement }
        if credits > 0 { return Decision(.credits) }

        if lastEntry != nil { return Decision(.creditsExhausted) }
        return Decision(subscriptions.isEmpty ? .noSubscription : .subscriptionEnded)
    }

    /// An invoice of a subscription that has ended is no debt: it does not block the customer who came back.
    private func isDebt(_ invoice: Invoice) -> Bool {
        invoice.isDebt && !(invoice.subscription.flatMap { subscriptions[$0] }?.hasEnded ?? false)
    }

    /// What the subscriptions entitle to, debts aside: the one that holds longest, `subscription_active` first.
    private func entitlement(at now: Timestamp, policy: Policy) -> Decision? {
        let entitlements = subscriptions.values.compactMap { entitlement(by: $0, at: now, policy: policy) }
        return entitlements.max { one, other in
            let (oneRank, otherRank) = (Self.rank(one.reason), Self.rank(other.reason))
            if oneRank != otherRank { return oneRank < otherRank }
            guard let oneEnd = one.until else { return false }
            return other.until.map { oneEnd < $0 } ?? true
        }
    }

    private static func rank(_ reason: Reason) -> Int {
        switch reason {
        case .subscriptionActive: 2
        case .invoicePaid: 1
        default: 0
        }
    }

    private func entitlement(by subscription: Subscription, at now: Timestamp, policy: Policy) -> Decision? {
        switch subscription.status {
        case .active, .trialing, .pastDue:
            return Decision(.subscriptionActive)
        case .unpaid:
            return grace(of: subscription, at: now, policy: policy)
        case .canceled where subscription.history?.endedUnpaid == true:
            return grace(of: subscription, at: now, policy: policy)
        case .canceled, .incomplete, .incompleteExpired, .paused:
            return nil
        case nil:
            // Its own events never came: its invoices speak for it, a paid one through its period and a grace period
            // for the renewal to arrive, a failed renewal while its grace runs.
            if case .openEnded = subscription.coverage { return Decision(.invoicePaid) }
            let paid = subscription.coverage?.end.map { Decision(.invoicePaid, until: $0 + policy.gracePeriod) }
            let candidates = [paid, grace(of: subscription, at: now, policy: policy)].compactMap(\.self)
            return candidates.filter { $0.until.map { now < $0 } ?? true }
                .max { earliest($0.until, $1.until) == $0.until && $0.until != $1.until }
        }
    }

    /// While a failed invoice of the subscription is in grace; the longest of several.
    private func grace(of subscription: Subscription, at now: Timestamp, policy: Policy) -> Decision? {
        let ends = invoices.values.compactMap { $0.subscription == subscription.id ? $0.graceEnd(policy) : nil }
        guard let end = ends.filter({ now < $0 }).max() else { return nil }
        return Decision(.gracePeriod, until: end)
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
