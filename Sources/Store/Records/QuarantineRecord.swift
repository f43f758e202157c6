// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// A report that could not be charged when it came, as operators see it.
package struct QuarantineRecord: Sendable {
    package enum Status: String, Sendable, CaseIterable {
        case quarantined
        /// Charged after all.
        case recorded
        case discarded
    }

    package let id: String
    package let status: Status
    /// Whose it is, as far as that is known.
    package let customer: String?
    package let key: String?
    /// All that was reported.
    package let report: JSON
    package let reason: String
    package let error: String
    package let attempts: Int64
    package let receivedAt: Timestamp
    package let triedAt: Timestamp
    /// Who had it tried again, or discarded it.
    package let `operator`: String?
    package let note: String?

    static let columns: SQL = """
        q.id, q.status, q.customer_id, q.key_id, q.report, q.reason, q.error, q.attempts, q.received_at, q.tried_at,
        q.operator, q.note
        """

    init(_ row: Rows.Row) throws {
        id = try row["id"]
        status = try row.word("status")
        customer = try row["customer_id"]
        key = try row["key_id"]
        report = try row["report"]
        reason = try row["reason"]
        error = try row["error"]
        attempts = try row["attempts"]
        receivedAt = try row["received_at"]
        triedAt = try row["tried_at"]
        `operator` = try row["operator"]
        note = try row["note"]
    }
}
