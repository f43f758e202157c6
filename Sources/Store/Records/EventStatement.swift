// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// One event with everything that is stored about it.
package struct EventStatement: Sendable {
    package struct Attempt: Sendable {
        package let number: Int
        package let startedAt: Timestamp
        package let finishedAt: Timestamp
        package let outcome: String
        package let message: String?
        /// Who requested a replay; nil for an attempt that nobody requested.
        package let `operator`: String?

        static let columns: SQL = "number, started_at, finished_at, outcome, message, operator"

        init(_ row: Rows.Row) throws {
            number = try row["number"]
            startedAt = try row["started_at"]
            finishedAt = try row["finished_at"]
            outcome = try row["outcome"]
            message = try row["message"]
            `operator` = try row["operator"]
        }
    }

    package let record: EventRecord
    /// The exact bytes; nil once pruned.
    package let payload: [UInt8]?
    package let attempts: [Attempt]
    /// What it changed.
    package let changes: [TimelineEntry]
    package let ledger: [LedgerEntry]
}
