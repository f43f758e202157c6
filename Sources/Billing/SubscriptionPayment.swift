// SPDX-License-Identifier: Apache-2.0

import Notation

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
    func outweighs(_ other: SubscriptionPayment) -> Bool {
        self != other && paidAt >= other.paidAt && coverage >= other.coverage
            && greater(periodEnd, other.periodEnd) == periodEnd
    }
}
