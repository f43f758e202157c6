// SPDX-License-Identifier: Apache-2.0

import Notation

/// One line of a customer's timeline: a change of `allowed`, `reason` or `until`, and its cause.
package struct AccessChange: Sendable, Hashable {
    package let at: Timestamp
    package let decision: Decision
    package let version: Int64
    package let cause: Cause

    package init(at: Timestamp, decision: Decision, version: Int64, cause: Cause) {
        self.at = at
        self.decision = decision
        self.version = version
        self.cause = cause
    }
}
