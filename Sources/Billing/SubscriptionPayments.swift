import Notation

/// How far a paid invoice reaches.
package enum Coverage: Sendable, Hashable, Comparable {
    case until(Timestamp)
    /// Its lines carry no period.
    case openEnded

    /// When it ends; nil for never.
    package var end: Timestamp? {
        if case .until(let end) = self { end } else { nil }
    }

    package static func < (lhs: Coverage, rhs: Coverage) -> Bool {
        switch (lhs, rhs) {
        case (.until(let one), .until(let other)): one < other
        case (.until, .openEnded): true
        case (.openEnded, _): false
        }
    }
}

/// One paid invoice of a subscription.
package struct SubscriptionPayment: Sendable, Hashable {
    /// When it was paid; 1970 where nobody kept that.
    package let paidAt: Timestamp
    /// The end of the period it was paid for; nil where its lines carry none.
    package let periodEnd: Timestamp?
    /// How far it entitles while the subscription goes on: one period more where it was billed in arrears.
    package let coverage: Coverage

    package init(paidAt: Timestamp, periodEnd: Timestamp?, coverage: Coverage? = nil) {
        self.paidAt = paidAt
        self.periodEnd = periodEnd
        self.coverage = coverage ?? periodEnd.map(Coverage.until) ?? .openEnded
    }

    /// Whether no question has another answer without `other`.
    fileprivate func outweighs(_ other: SubscriptionPayment) -> Bool {
        self != other && paidAt >= other.paidAt && coverage >= other.coverage
            && greater(periodEnd, other.periodEnd) == periodEnd
    }
}

/// The paid invoices of a subscription, as far as they can still answer how far those reach that were paid after some
/// moment: mostly one. A union of facts, so that any order of events ends in the same.
package struct SubscriptionPayments: Sendable, Hashable {
    package private(set) var all: Set<SubscriptionPayment>

    package init(_ payments: some Sequence<SubscriptionPayment> = []) {
        all = Set(payments)
        prune()
    }

    package var isEmpty: Bool { all.isEmpty }

    /// How far the furthest of them entitles while the subscription goes on; nil where there is none.
    package var coverage: Coverage? { coverage { _ in true } }

    /// The same of those that were paid at `moment` or later.
    func coverage(since moment: Timestamp) -> Coverage? { coverage { $0.paidAt >= moment } }

    /// The same of those that were paid later than `moment`.
    func coverage(after moment: Timestamp) -> Coverage? { coverage { $0.paidAt > moment } }

    private func coverage(_ isMeant: (SubscriptionPayment) -> Bool) -> Coverage? {
        all.filter(isMeant).map(\.coverage).max()
    }

    /// When the last of the periods ends that were paid for at `moment` or later; nil where none is known.
    func periodEnd(since moment: Timestamp? = nil) -> Timestamp? {
        all.filter { payment in moment.map { payment.paidAt >= $0 } ?? true }.compactMap(\.periodEnd).max()
    }

    mutating func merge(_ other: SubscriptionPayments) {
        all.formUnion(other.all)
        prune()
    }

    private mutating func prune() {
        guard all.count > 1 else { return }
        all = all.filter { payment in !all.contains { $0.outweighs(payment) } }
    }
}
