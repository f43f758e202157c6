// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// What a customer's calls of a month come to, at one moment. Its lines are read page by page: what is charged later is not
/// among them.
package struct UsageStatement: Sendable {
    package let customer: String
    package let month: UTCMonth
    /// What the calls of earlier months have left, in dollars: less than a credit was worth. Below zero if a call of theirs
    /// was charged after one of a later month, and used what that had left.
    package let opening: Dollars
    package let closing: Dollars
    package let records: Int64
    /// The sum of the charges.
    package let total: Dollars
    package let credits: Int64
    /// Of all calls.
    package let pools: [Pool: Int64]
    /// The last record at that moment.
    let number: Int64
}
