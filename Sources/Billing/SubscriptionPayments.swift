// SPDX-License-Identifier: Apache-2.0

import Notation

/// The paid invoices of a subscription, reduced to those that still affect how far the invoices paid after any given
/// moment reach: mostly one. A union of facts, so that events in any order end in the same result.
package struct SubscriptionPayments: Sendable, Hashable {
    package private(set) var all: Set<SubscriptionPayment>

    package init(_ payments: some Sequence<SubscriptionPayment> = []) {
        all = Set(payments)
        prune()
    }

    package var isEmpty: Bool { all.isEmpty }

    /// How far the furthest of them entitles while the subscription continues; nil if there is none.
    package var coverage: Coverage? { coverage { _ in true } }

    /// The same for those that were paid at `moment` or later.
    func coverage(since moment: Timestamp) -> Coverage? { coverage { $0.paidAt >= moment } }

    /// The same for those that were paid later than `moment`.
    func coverage(after moment: Timestamp) -> Coverage? { coverage { $0.paidAt > moment } }

    private func coverage(_ isIncluded: (SubscriptionPayment) -> Bool) -> Coverage? {
        all.filter(isIncluded).map(\.coverage).max()
    }

    /// When the last of the periods ends that were paid for at `moment` or later; nil if none is known.
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
