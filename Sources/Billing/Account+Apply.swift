// SPDX-License-Identifier: Apache-2.0

import Notation

extension Account {
    /// Merges what an event says about one of the customer's invoices, and about the subscription that it bills.
    mutating func take(_ invoice: Invoice, of subscription: Subscription?) {
        invoices[invoice.id, default: invoice].merge(invoice)
        if let subscription { subscriptions[subscription.id, default: subscription].merge(subscription) }
    }

    /// Merges what an event says about one of the customer's subscriptions, and the invoice whose failure it reports.
    mutating func take(_ subscription: Subscription, failed: Invoice?) {
        subscriptions[subscription.id, default: subscription].merge(subscription)
        if let failed { invoices[failed.id, default: failed].merge(failed) }
    }

    mutating func delete() {
        isDeleted = true
    }

    package mutating func setOverride(_ override: Override, at now: Timestamp, policy: Policy) {
        self.override = override
        decideAnew(at: now, policy: policy, cause: .operator(override.operator, note: override.reason))
    }

    package mutating func clearOverride(operator name: String, at now: Timestamp, policy: Policy) {
        override = nil
        decideAnew(at: now, policy: policy, cause: .operator(name, note: "override removed"))
    }

    /// Credits given or taken away by an operator.
    /// - Parameter expiresAt: when credits that are given lapse; nil for never.
    package mutating func grant(
        _ amount: Int64,
        expiresAt: Timestamp? = nil,
        reason: String,
        key: String,
        operator name: String,
        at now: Timestamp,
        policy: Policy
    ) throws(BalanceOverflow) {
        let cause = Cause.operator(name, note: reason)
        try balance.change(
            by: amount, at: .grant(expiresAt: expiresAt), kind: .grant, businessKey: "grant:\(key)", cause: cause,
            at: now)
        if amount > 0 { wasGranted = true }
        decideAnew(at: now, policy: policy, cause: cause)
    }

    /// Makes the first decision about a customer whom nothing has named before; else changes nothing.
    package mutating func name(reason: String, operator name: String, at now: Timestamp, policy: Policy) {
        guard access == nil else { return }
        decideAnew(at: now, policy: policy, cause: .operator(name, note: reason))
    }

    /// Moves the stored answer to `now`, in case time alone has changed it.
    package mutating func elapse(to now: Timestamp, policy: Policy) {
        decideAnew(at: now, policy: policy, cause: .time)
    }

    /// Takes over what spending or time has made of the balance.
    /// - Parameter cause: what did it.
    package mutating func adopt(_ changed: Balance, cause: Cause, at now: Timestamp, policy: Policy) {
        balance = changed
        decideAnew(at: now, policy: policy, cause: cause)
    }

    /// Decides again after the configuration has changed.
    package mutating func reconsider(at now: Timestamp, policy: Policy) {
        decideAnew(at: now, policy: policy, cause: .configuration)
    }

    mutating func decideAnew(at now: Timestamp, policy: Policy, cause: Cause) {
        decidedUnder = policy.fingerprint
        let decisions = schedule(from: now, policy: policy)
        guard var access else {
            // A new customer: the first decision is the first line of the timeline.
            guard let first = decisions.first else { return }
            let upcoming = decisions.dropFirst().enumerated().map { index, next in
                Access.Segment(from: next.from, decision: next.decision, version: Int64(index) + 2)
            }
            self.access = Access(
                current: Access.Segment(from: now, decision: first.decision, version: 1),
                upcoming: upcoming
            )
            newChanges.append(AccessChange(at: now, decision: first.decision, version: 1, cause: cause))
            return
        }
        newChanges += access.elapse(to: now)
        let creditsChanged = balance.credits != decidedCredits
        if let change = access.update(decisions, creditsChanged: creditsChanged, at: now, cause: cause) {
            newChanges.append(change)
        }
        decidedCredits = balance.credits
        self.access = access
    }
}
