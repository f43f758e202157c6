// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// A replay of many events as operators see it.
package struct ReplayRecord: Sendable {
    package let id: String
    package let status: ReplayStatus
    /// What its events matched when it was created.
    package let filter: EventFilter
    /// Who requested it.
    package let `operator`: String
    /// How many events it covers.
    package let matched: Int
    /// How many more matched, but had lost their payload to retention, or were dismissed before their turn.
    package let skipped: Int
    /// How many have been made pending so far.
    package let queued: Int
    /// How many of those have ended, and how.
    package let ended: [EventState: Int]
    package let createdAt: Timestamp
    /// When the last event that it queued had ended.
    package let finishedAt: Timestamp?

    /// How many are queued and have not ended yet.
    package var pending: Int { queued - ended.values.reduce(0, +) }

    static let columns: SQL = """
        id, status, event_status, event_type, customer_id, created_after, created_before, operator, matched, skipped,
        queued, processed, ignored, failed, quarantined, created_at, finished_at
        """

    init(_ row: Rows.Row) throws {
        id = try row["id"]
        status = try row.word("status")
        let state: EventState = try row.word("event_status")
        filter = EventFilter(
            status: state, type: try row["event_type"], customer: try row["customer_id"],
            createdAfter: try row["created_after"], createdBefore: try row["created_before"])
        `operator` = try row["operator"]
        matched = try row["matched"]
        skipped = try row["skipped"]
        queued = try row["queued"]
        ended = [
            .processed: try row["processed"], .ignored: try row["ignored"], .failed: try row["failed"],
            .quarantined: try row["quarantined"],
        ]
        createdAt = try row["created_at"]
        finishedAt = try row["finished_at"]
    }
}
