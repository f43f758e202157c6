// SPDX-License-Identifier: Apache-2.0

import Notation

/// What is known of one invoice: facts that only grow, so that any order of events gives the same invoice.
package struct Invoice: Sendable, Hashable {
    /// In the order in which one overrules the other: what is paid stays paid.
    package enum Status: String, Sendable, Hashable, Ranked {
        case open, uncollectible, void, paid
    }

    /// How Stripe asks for the money. Where two events disagree, the later one here counts.
    package enum CollectionMethod: String, Sendable, Hashable, Ranked {
        case charged = "charge_automatically"
        case mailed = "send_invoice"
    }

    package let id: String
    package var status: Status
    package var subscription: String?
    package var billingReason: String?
    /// Nil where no event said: then it counts as charged.
    package var collectionMethod: CollectionMethod?
    /// When its first payment attempt failed. The grace period is anchored here; no retry moves it.
    package var firstFailedAt: Timestamp?
    /// It only sells credits: unpaid it gives none, so there is nothing to cut off.
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

    /// Takes in what another event says of the same invoice.
    package mutating func merge(_ other: Invoice) {
        status = max(status, other.status)
        subscription = greater(subscription, other.subscription)
        billingReason = greater(billingReason, other.billingReason)
        collectionMethod = greater(collectionMethod, other.collectionMethod)
        firstFailedAt = lesser(firstFailedAt, other.firstFailedAt)
        isTopUp = isTopUp || other.isTopUp
    }

    /// A first invoice that is charged: until it is paid its subscription has not begun. One that is sent by mail is not,
    /// for with it the subscription runs at once.
    package var isEntry: Bool { billingReason == "subscription_create" && collectionMethod != .mailed }

    /// Whether it failed, paid later or not, at the cost of a customer with these subscriptions who had something to lose.
    package func hasFailed(among subscriptions: [String: Subscription]) -> Bool {
        guard firstFailedAt != nil, !isTopUp else { return false }
        return !isEntry || subscription.flatMap { subscriptions[$0] }?.hasRun ?? false
    }

    /// Whether it blocks a customer with these subscriptions when its grace period is over: from its first failure until
    /// it is paid or void. Of a subscription that has ended it does not, so that an old debt does not block the customer
    /// who came back.
    package func isDebt(among subscriptions: [String: Subscription], _ policy: Policy) -> Bool {
        guard status < .void, hasFailed(among: subscriptions) else { return false }
        guard let subscription else { return collectionMethod != .mailed || policy.debts == .all }
        return !(subscriptions[subscription]?.hasEnded ?? false)
    }

    /// When the grace period ends that its failure began; nil where it never failed.
    package func graceEnd(_ policy: Policy) -> Timestamp? {
        firstFailedAt.map { $0 + policy.gracePeriod }
    }
}
