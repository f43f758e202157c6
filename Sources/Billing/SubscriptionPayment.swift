// SPDX-License-Identifier: Apache-2.0

import Notation

/// One paid invoice of a subscription.
package struct SubscriptionPayment: Sendable, Hashable {
    /// When it was paid; 1970 if that was not recorded.
    package let paidAt: Timestamp
    /// The end of the period it was paid for; nil if its lines carry none.
    package let periodEnd: Timestamp?
    /// How far it entitles while the subscription continues: one period further if it was billed in arrears.
    package let coverage: Coverage

    package init(paidAt: Timestamp, periodEnd: Timestamp?, coverage: Coverage? = nil) {
        self.paidAt = paidAt
        self.periodEnd = periodEnd
        self.coverage = coverage ?? periodEnd.map(Coverage.until) ?? .openEnded
    }

    /// Whether every question has the same answer without `other`.
    func outweighs(_ other: SubscriptionPayment) -> Bool {
        self != other && paidAt >= other.paidAt && coverage >= other.coverage
            && greater(periodEnd, other.periodEnd) == periodEnd
    }
}
