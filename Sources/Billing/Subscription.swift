// SPDX-License-Identifier: Apache-2.0

import Notation

/// What is known of one subscription, from its own events and from its invoices. Facts that only grow.
package struct Subscription: Sendable, Hashable {
    package let id: String
    /// What its own events say; nil where none came (only invoice events are enabled).
    package var history: StatusHistory?
    /// Its paid invoices.
    package var payments: SubscriptionPayments
    /// The latest end of a current period that an event told while Stripe collected for it.
    package var periodEnd: Timestamp?
    /// The earliest that an event told while Stripe voided its invoices.
    package var suspendedPeriodEnd: Timestamp?
    /// The latest end of a period whose invoice was voided: nobody paid for that.
    package var voidedThrough: Timestamp?

    package init(
        id: String,
        history: StatusHistory? = nil,
        payments: SubscriptionPayments = SubscriptionPayments(),
        periodEnd: Timestamp? = nil,
        suspendedPeriodEnd: Timestamp? = nil,
        voidedThrough: Timestamp? = nil
    ) {
        self.id = id
        self.history = history
        self.payments = payments
        self.periodEnd = periodEnd
        self.suspendedPeriodEnd = suspendedPeriodEnd
        self.voidedThrough = voidedThrough
    }

    package var status: SubscriptionStatus? { history?.status }

    /// Over for good: its invoices are debts no longer.
    package var hasEnded: Bool { status?.isFinal ?? false }

    /// Whether it is known to have begun: a first invoice that fails before that cuts nobody off.
    package var hasRun: Bool {
        switch status {
        case .trialing, .active, .pastDue, .unpaid, .paused: true
        case .incomplete, .incompleteExpired, .canceled, nil: !payments.isEmpty
        }
    }

    /// When the period ends that was paid last; nil where nothing tells. Its invoices say it best. Its own events tell
    /// the current period, which is the paid one unless its invoice was voided; where they only came after Stripe had
    /// stopped collecting, the first of them is the best guess. Whatever says more counts: no payer is to be denied for a
    /// small invoice that is known besides.
    package var paidPeriodEnd: Timestamp? {
        let told = periodEnd ?? suspendedPeriodEnd
        guard let told, voidedThrough.map({ $0 < told }) ?? true else { return payments.periodEnd() }
        return greater(payments.periodEnd(), told)
    }

    package mutating func merge(_ other: Subscription) {
        payments.merge(other.payments)
        periodEnd = greater(periodEnd, other.periodEnd)
        suspendedPeriodEnd = lesser(suspendedPeriodEnd, other.suspendedPeriodEnd)
        voidedThrough = greater(voidedThrough, other.voidedThrough)
        guard let said = other.history else { return }
        history?.merge(said)
        history = history ?? said
    }
}
