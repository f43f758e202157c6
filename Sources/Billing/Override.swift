// SPDX-License-Identifier: Apache-2.0

import Notation

/// An operator's decision, which outranks every rule until it ends or is withdrawn.
package struct Override: Sendable, Hashable {
    package let allowed: Bool
    package let reason: String
    /// When it ends by itself; nil for never.
    package let until: Timestamp?
    /// The label of the admin token that set it.
    package let `operator`: String
    package let setAt: Timestamp

    package init(allowed: Bool, reason: String, until: Timestamp?, operator: String, setAt: Timestamp) {
        self.allowed = allowed
        self.reason = reason
        self.until = until
        self.operator = `operator`
        self.setAt = setAt
    }

    package func isActive(at now: Timestamp) -> Bool {
        until.map { now < $0 } ?? true
    }
}
