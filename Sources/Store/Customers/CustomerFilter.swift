// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation

/// Which customers to list. Nil means any.
package struct CustomerFilter: Sendable {
    package var allowed: Bool?
    package var reason: Reason?
    /// Customers whose answer has been the same since some moment after this one.
    package var changedAfter: Timestamp?
    /// The id of the last customer on the previous page.
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

    /// The reasons that the answer may have.
    var reasons: [String] {
        Reason.allCases.filter { candidate in
            (allowed ?? candidate.allows) == candidate.allows && (reason ?? candidate) == candidate
        }.map(\.rawValue)
    }
}
