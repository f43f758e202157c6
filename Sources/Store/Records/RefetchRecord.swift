// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// When the state of a customer was asked of Stripe, and what came of it.
package struct RefetchRecord: Sendable {
    package let subject: String
    /// Whether Stripe is still to be asked.
    package let isPending: Bool
    /// Who requested it; nil: nobody, it was time.
    package let `operator`: String?
    package let requestedAt: Timestamp
    /// Why the last request failed.
    package let error: String?
    /// What was found the last time it was answered, and how much of that was new.
    package let found: Int?
    package let stored: Int?
    /// What could not be read.
    package let omissions: String?
    package let finishedAt: Timestamp?

    static let columns: SQL = """
        subject, run_at IS NOT NULL AS is_pending, operator, requested_at, error, found, stored, omissions, finished_at
        """

    init(_ row: Rows.Row) throws {
        subject = try row["subject"]
        isPending = try row["is_pending"]
        `operator` = try row["operator"]
        requestedAt = try row["requested_at"]
        error = try row["error"]
        found = try row["found"]
        stored = try row["stored"]
        omissions = try row["omissions"]
        finishedAt = try row["finished_at"]
    }
}
