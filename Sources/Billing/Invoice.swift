// SPDX-License-Identifier: Apache-2.0

import Notation

/// What is known about one invoice: facts that only grow, so that events in any order give the same invoice.
package struct Invoice: Sendable, Hashable {
    /// In order of precedence: what is paid stays paid.
    package enum Status: String, Sendable, Hashable, Ranked {
        case open, uncollectible, void, paid
    }

    /// How Stripe collects the money. If two events disagree, the later one here counts.
    package enum CollectionMethod: String, Sendable, Hashable, Ranked {
        case charged = "charge_automatically"
        case mailed = "send_invoice"
    }

    package let id: String
    package var status: Status
    package var subscription: String?
    package var billingReason: String?
    /// Nil if no event said: it then counts as charged.
    package var collectionMethod: CollectionMethod?
    /// When its first payment attempt failed. The grace period is anchored here; no retry moves it.
    package var firstFailedAt: Timestamp?
    /// It only sells credits: while unpaid it gives none, so there is nothing to cut off.
    package var isTopUp: Bool

    package init(
        id: String,
        status: Status,
        subscription: String? = nil,
        billingReason: String? = nil,
        collectionMethod: CollectionMethod? = nil,
        firstFailedAt: Timestamp? = nil,
        isTopUp: Bool = false
    ) {
        self.id = id
        self.status = status
        self.subscription = subscription
        self.billingReason = billingReason
        self.collectionMethod = collectionMethod
        self.firstFailedAt = firstFailedAt
        self.isTopUp = isTopUp
    }

    /// Merges what another event says about the same invoice.
    package mutating func merge(_ other: Invoice) {
        status = max(status, other.status)
        subscription = greater(subscription, other.subscription)
        billingReason = greater(billingReason, other.billingReason)
        collectionMethod = greater(collectionMethod, other.collectionMethod)
        firstFailedAt = lesser(firstFailedAt, other.firstFailedAt)
        isTopUp = isTopUp || other.isTopUp
    }

    /// A first invoice that is charged: its subscription does not begin until it is paid. One that is sent by mail does
    /// not count: its subscription runs at once.
    package var isEntry: Bool { billingReason == "subscription_create" && collectionMethod != .mailed }

    /// Whether it failed, paid later or not, for a customer who had something to lose, given these subscriptions.
    package func hasFailed(among subscriptions: [String: Subscription]) -> Bool {
        guard firstFailedAt != nil, !isTopUp else { return false }
        return !isEntry || subscription.flatMap { subscriptions[$0] }?.hasRun ?? false
    }

    /// Whether it blocks a customer with these subscriptions once its grace period is over: from its first failure
    /// until it is paid or void. Not if its subscription has ended, so that an old debt does not block a customer who
    /// has come back.
    package func isDebt(among subscriptions: [String: Subscription], _ policy: Policy) -> Bool {
        guard status < .void, hasFailed(among: subscriptions) else { return false }
        guard let subscription else { return collectionMethod != .mailed || policy.debts == .all }
        return !(subscriptions[subscription]?.hasEnded ?? false)
    }

    /// When the grace period that began with its failure ends; nil if it never failed.
    package func graceEnd(_ policy: Policy) -> Timestamp? {
        firstFailedAt.map { $0 + policy.gracePeriod }
    }
}
