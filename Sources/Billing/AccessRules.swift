// SPDX-License-Identifier: Apache-2.0

import Notation

/// Everything that decides about one customer, laid out in time: it gives the decision at any moment, and when that
/// decision changes by itself.
struct AccessRules {
    private let override: Override?
    /// A reason that outranks debts and entitlements, and never ends by itself.
    private let blocking: Reason?
    /// When the first grace period of a debt ends.
    private let deadline: Timestamp?
    /// Only a few, however many subscriptions there are.
    private let entitlements: [Entitlement]
    /// How long there are credits; nil for none.
    private let credits: Coverage?
    /// Why a customer without an entitlement is denied.
    private let denial: Reason

    init(
        override: Override?,
        blocking: Reason?,
        deadlines: [Timestamp],
        entitlements: [Entitlement],
        credits: Coverage?,
        denial: Reason
    ) {
        self.override = override
        self.blocking = blocking
        deadline = deadlines.min()
        self.entitlements = Entitlement.decisive(entitlements)
        self.credits = credits
        self.denial = denial
    }

    /// The decision at `now`, which ends when the reason changes.
    func decide(at now: Timestamp) -> Decision {
        let reason = reason(at: now)
        return Decision(reason, until: boundaries.first { now < $0 && self.reason(at: $0) != reason })
    }

    /// The decision at `now` and those that follow with time alone, each from the moment the previous one ends.
    func schedule(from now: Timestamp) -> [(from: Timestamp, decision: Decision)] {
        var schedule: [(from: Timestamp, decision: Decision)] = []
        var next: Timestamp? = now
        while let from = next {
            let decision = decide(at: from)
            schedule.append((from, decision))
            // Every step passes one of finitely many boundaries, so this ends.
            next = decision.until
        }
        return schedule
    }

    /// In the order of docs/rules.md.
    private func reason(at now: Timestamp) -> Reason {
        if let override, override.isActive(at: now) { return override.allowed ? .overrideAllow : .overrideDeny }
        if let blocking { return blocking }
        if let deadline, deadline <= now { return .paymentOverdue }
        let best = entitlements.filter { $0.holds(at: now) }.max { $0.rank < $1.rank }
        guard best != nil || hasCredits(at: now) else { return denial }
        return deadline == nil ? best?.reason ?? .credits : .gracePeriod
    }

    private func hasCredits(at now: Timestamp) -> Bool {
        switch credits {
        case .until(let end): now < end
        case .openEnded: true
        case nil: false
        }
    }

    /// The moments at which the reason may change, in order.
    private var boundaries: [Timestamp] {
        ([override?.until, deadline, credits?.end] + entitlements.map(\.boundary)).compactMap(\.self).sorted()
    }
}
