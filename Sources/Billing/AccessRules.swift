import Stripe

/// All that decides about one customer, laid out in time: what holds at a moment follows from it, and when that changes
/// by itself.
struct AccessRules {
    var override: Override?
    /// What stands above debts and entitlements, and never ends by itself.
    var verdict: Reason?
    /// When the grace periods of the debts end.
    var deadlines: [Timestamp]
    var entitlements: [Entitlement]
    var hasCredits: Bool
    /// Why somebody is denied whom nothing entitles.
    var denial: Reason

    /// The decision at `now`, which ends when the reason is another.
    func decide(at now: Timestamp) -> Decision {
        let reason = reason(at: now)
        return Decision(reason, until: boundaries.first { now < $0 && self.reason(at: $0) != reason })
    }

    /// The decision at `now` and those that follow by themselves, each from the moment the one before ends.
    func schedule(from now: Timestamp) -> [(from: Timestamp, decision: Decision)] {
        var schedule: [(from: Timestamp, decision: Decision)] = []
        var next: Timestamp? = now
        while let from = next {
            let decision = decide(at: from)
            schedule.append((from, decision))
            // Every step moves past one boundary of finitely many, so this ends.
            next = decision.until
        }
        return schedule
    }

    /// In the order of the README's rules.
    private func reason(at now: Timestamp) -> Reason {
        if let override, override.isActive(at: now) { return override.allowed ? .overrideAllow : .overrideDeny }
        if let verdict { return verdict }
        if deadlines.contains(where: { $0 <= now }) { return .paymentOverdue }
        let best = entitlements.filter { $0.holds(at: now) }.max { $0.rank < $1.rank }
        guard best != nil || hasCredits else { return denial }
        return deadlines.isEmpty ? best?.reason ?? .credits : .gracePeriod
    }

    /// The moments at which the reason may change, in order.
    private var boundaries: [Timestamp] {
        let own = [override?.until].compactMap(\.self)
        guard verdict == nil else { return own }
        return (own + deadlines + entitlements.flatMap { [$0.from, $0.until].compactMap(\.self) }).sorted()
    }
}
