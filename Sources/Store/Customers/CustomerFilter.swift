// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation

/// Which customers to list. Nil means any.
package struct CustomerFilter: Sendable {
    package var allowed: Bool?
    package var reason: Reason?
    /// Whose answer has been what it is since a moment after this one.
    package var changedAfter: Timestamp?
    /// The id of the last customer of the page before.
    package var startingAfter: String?

    package init(
        allowed: Bool? = nil,
        reason: Reason? = nil,
        changedAfter: Timestamp? = nil,
        startingAfter: String? = nil
    ) {
        self.allowed = allowed
        self.reason = reason
        self.changedAfter = changedAfter
        self.startingAfter = startingAfter
    }

    /// The reasons that may stand in the answer.
    var reasons: [String] {
        Reason.allCases.filter { candidate in
            (allowed ?? candidate.allows) == candidate.allows && (reason ?? candidate) == candidate
        }.map(\.rawValue)
    }
}
