// SPDX-License-Identifier: Apache-2.0

import Notation

/// A call that was charged, as far as it may have to be corrected.
package struct ChargedCall: Sendable {
    package let record: String
    package let call: UsageRecord
    package let at: Timestamp
    /// With all its corrections so far.
    package let cost: Dollars
    /// The one by which it was charged.
    package let plan: PlanBook.Version
    /// Whether anything of it was priced.
    package let isPriced: Bool

    package init(
        record: String, call: UsageRecord, at: Timestamp, cost: Dollars, plan: PlanBook.Version, isPriced: Bool
    ) {
        self.record = record
        self.call = call
        self.at = at
        self.cost = cost
        self.plan = plan
        self.isPriced = isPriced
    }
}
