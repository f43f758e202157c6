// SPDX-License-Identifier: Apache-2.0

import Notation

/// What is known about one subscription, from its own events and from its invoices. Facts that only grow.
package struct Subscription: Sendable, Hashable {
    package let id: String
    /// What its own events say; nil if none came (only invoice events are enabled).
    package var history: StatusHistory?
    /// Its paid invoices.
    package var payments: SubscriptionPayments
    /// The latest end of a current period that an event reported while Stripe was collecting for it.
    package var periodEnd: Timestamp?
    /// The earliest that an event reported while Stripe was voiding its invoices.
    package var suspendedPeriodEnd: Timestamp?
    /// The latest end of a period whose invoice was voided: nobody paid for it.
    package var voidedThrough: Timestamp?
    /// Nil while no event has listed them.
    package var prices: SubscriptionPrices?

    package init(
        id: String,
        history: StatusHistory? = nil,
        payments: SubscriptionPayments = SubscriptionPayments(),
        periodEnd: Timestamp? = nil,
        suspendedPeriodEnd: Timestamp? = nil,
        voidedThrough: Timestamp? = nil,
        prices: SubscriptionPrices? = nil
    ) {
        self.id = id
        self.history = history
        self.payments = payments
        self.periodEnd = periodEnd
        self.suspendedPeriodEnd = suspendedPeriodEnd
        self.voidedThrough = voidedThrough
        self.prices = prices
    }

    package var status: SubscriptionStatus? { history?.status }

    /// Over for good: its invoices are no longer debts.
    package var hasEnded: Bool { status?.isFinal ?? false }

    /// Whether it is known to have begun: a first invoice that fails before that cuts nobody off.
    package var hasRun: Bool {
        switch status {
        case .trialing, .active, .pastDue, .unpaid, .paused: true
        case .incomplete, .incompleteExpired, .canceled, nil: !payments.isEmpty
        }
    }

    /// When the last paid period ends; nil if nothing says. Its invoices are the best source. Its own events report the
    /// current period, which is the paid one unless its invoice was voided; if they only came after Stripe had stopped
    /// collecting, the first of them is the best guess. The later end counts: no payer may be denied because a small
    /// invoice is known as well.
    package var paidPeriodEnd: Timestamp? {
        let reported = periodEnd ?? suspendedPeriodEnd
        guard let reported, voidedThrough.map({ $0 < reported }) ?? true else { return payments.periodEnd() }
        return greater(payments.periodEnd(), reported)
    }

    package mutating func merge(_ other: Subscription) {
        payments.merge(other.payments)
        periodEnd = greater(periodEnd, other.periodEnd)
        suspendedPeriodEnd = lesser(suspendedPeriodEnd, other.suspendedPeriodEnd)
        voidedThrough = greater(voidedThrough, other.voidedThrough)
        prices = greater(prices, other.prices)
        guard let newer = other.history else { return }
        history?.merge(newer)
        history = history ?? newer
    }
}
