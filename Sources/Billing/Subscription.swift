import Stripe

/// What is known of one subscription, from its own events and from its invoices. Facts that only grow.
public struct Subscription: Sendable, Hashable {
    public let id: String
    /// What its own events say; nil where none came (only invoice events are enabled).
    public var history: StatusHistory?
    /// Its paid invoices.
    public var payments: SubscriptionPayments
    /// The latest end of a current period that an event told while Stripe collected for it.
    public var periodEnd: Timestamp?
    /// The earliest that an event told while Stripe voided its invoices.
    public var suspendedPeriodEnd: Timestamp?
    /// The latest end of a period whose invoice was voided: nobody paid for that.
    public var voidedThrough: Timestamp?

    public init(
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

    public var status: SubscriptionStatus? { history?.status }

    /// Over for good: its invoices are debts no longer.
    public var hasEnded: Bool { status?.isFinal ?? false }

    /// Whether it is known to have begun: a first invoice that fails before that cuts nobody off.
    public var hasRun: Bool {
        switch status {
        case .trialing, .active, .pastDue, .unpaid, .paused: true
        case .incomplete, .incompleteExpired, .canceled, nil: !payments.isEmpty
        }
    }

    /// When the period ends that was paid last; nil where nothing tells. Its invoices say it best. Its own events tell
    /// the current period, which is the paid one unless its invoice was voided; where they only came after Stripe had
    /// stopped collecting, the first of them is the best guess. Whatever says more counts: no payer is to be denied for a
    /// small invoice that is known besides.
    public var paidPeriodEnd: Timestamp? {
        let told = periodEnd ?? suspendedPeriodEnd
        guard let told, voidedThrough.map({ $0 < told }) ?? true else { return payments.periodEnd() }
        return latest(payments.periodEnd(), told)
    }

    public mutating func merge(_ other: Subscription) {
        payments.merge(other.payments)
        periodEnd = latest(periodEnd, other.periodEnd)
        suspendedPeriodEnd = earliest(suspendedPeriodEnd, other.suspendedPeriodEnd)
        voidedThrough = latest(voidedThrough, other.voidedThrough)
        guard let said = other.history else { return }
        history?.merge(said)
        history = history ?? said
    }
}
