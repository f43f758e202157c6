import Stripe

extension Account {
    /// Whether the customer may call the API at `now`. A pure function of the facts, the time and the
    /// configuration, in the order of the README's rules.
    public func decide(at now: Timestamp, policy: Policy) -> Decision {
        if let override, override.isActive(at: now) {
            return Decision(override.allowed ? .overrideAllow : .overrideDeny, until: override.until)
        }

        let deadlines = invoices.values.compactMap { $0.graceEnd(policy) }
        if deadlines.contains(where: { $0 <= now }) { return Decision(.paymentOverdue) }

        let subscribed = subscribedUntil(now, policy: policy)
        if subscribed != nil || credits > 0, let deadline = deadlines.min() {
            // Credits outlast a subscription's end; without them the grace period cannot.
            return Decision(.gracePeriod, until: credits > 0 ? deadline : earliest(deadline, subscribed?.end))
        }
        if let subscribed { return Decision(.invoicePaid, until: subscribed.end) }
        if credits > 0 { return Decision(.credits) }

        if lastEntry != nil { return Decision(.creditsExhausted) }
        return Decision(subscriptions.isEmpty ? .noSubscription : .subscriptionEnded)
    }

    /// How far the subscriptions' invoices carry: paid ones through their period and a grace period for the
    /// renewal to arrive, a failed renewal while its grace runs (it shows that there was a subscription before).
    private func subscribedUntil(_ now: Timestamp, policy: Policy) -> Subscription.Coverage? {
        let paid = subscriptions.values.compactMap { subscription -> Subscription.Coverage? in
            switch subscription.coverage {
            case .until(let end): .until(end + policy.gracePeriod)
            case .openEnded: .openEnded
            case nil: nil
            }
        }
        let renewals = invoices.values.compactMap { invoice in
            invoice.subscription == nil ? nil : invoice.graceEnd(policy).map(Subscription.Coverage.until)
        }
        return (paid + renewals).filter { .until(now) < $0 }.max()
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
