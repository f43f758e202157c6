// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Store

extension Timestamp {
    /// The time in the tests of access, 2027-01-15T08:00:00Z.
    package static let noon = Timestamp(seconds: 1_800_000_000)
}

extension AccessAnswer {
    package init(
        _ customer: String,
        version: Int64,
        _ decision: Decision = Decision(.subscriptionActive),
        credits: Int64 = 0,
        upcoming: [Access.Segment] = []
    ) {
        self.init(
            customer: customer, decision: decision, credits: credits, version: version, changedAt: .noon,
            upcoming: upcoming
        )
    }
}
