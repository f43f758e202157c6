// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// The rows with the events' states: the only place that changes them after receipt, together with the attempts that
/// are kept.
enum EventRows {
    /// What happens to one event.
    struct Change {
        let event: String
        let transition: EventTransition
    }

    private static let changed = Unnest<Change> {
        Column.key("event_id", \.event)
        Column("status", \.transition.target.rawValue)
        Column("detail", \.transition.detail)
        Column("error", \.transition.error)
        Column("keeps_error", \.transition.keepsError)
        Column("attempts") { $0.transition.attempt == nil ? 0 : 1 }
        Column("due_after", \.transition.dueAfter)
        Column("requested_by", \.transition.requestedBy)
        Column("keeps_request", \.transition.keepsRequest)
        Column("crashes", \.transition.crashes)
    }

    /// Makes each transition, for an event whose row this transaction holds in a state it may lead from.
    /// - Parameter startedAt: when the attempts began; nil for the beginning of the transaction.
    static func make(_ changes: [Change], startedAt: Timestamp? = nil, in pipeline: Pipeline) {
        guard !changes.isEmpty else { return }
        // Before the work's rows get a new version: what is checked for the attempt is then already locked.
        keepAttempts(changes, startedAt, in: pipeline)
        pipeline.execute(
            """
            UPDATE tollgate.event_work w
            SET status = n.status, detail = n.detail, error = CASE WHEN n.keeps_error THEN w.error ELSE n.error END,
                attempts = w.attempts + n.attempts, run_at = coalesce(clock_timestamp() + n.due_after, w.run_at),
                requested_by = CASE WHEN n.keeps_request THEN w.requested_by ELSE n.requested_by END,
                crashes = n.crashes
            FROM \(Self.changed.table(changes))
            WHERE w.event_id = n.event_id
            """)
    }

    private static let attempted = Unnest<(change: Change, attempt: EventTransition.Attempt)> {
        Column.key("event_id", \.change.event)
        Column("outcome", \.change.transition.target.rawValue)
        Column("message", \.attempt.message)
        Column("operator", \.attempt.operator)
    }

    private static func keepAttempts(_ changes: [Change], _ startedAt: Timestamp?, in pipeline: Pipeline) {
        let attempts = changes.compactMap { change in change.transition.attempt.map { (change, $0) } }
        guard !attempts.isEmpty else { return }
        let start: SQL = if let startedAt { "\(startedAt)" } else { "now()" }
        pipeline.execute(
            """
            INSERT INTO tollgate.event_attempt (event_id, number, started_at, finished_at, outcome, message, operator)
            SELECT n.event_id, w.attempts + 1, \(start), greatest(\(start), clock_timestamp()), n.outcome, n.message,
                   coalesce(n.operator, w.requested_by)
            FROM \(Self.attempted.table(attempts))
            JOIN tollgate.event_work w USING (event_id)
            """)
    }

    /// An event's current state.
    struct Standing {
        let state: EventState
        let detail: String?
        /// Its count as a suspect.
        let crashes: Int
        let type: String?
        /// Whether retention has removed its payload.
        let isPruned: Bool
    }

    /// Locks events until the end of the transaction, in the order of their ids.
    /// - Returns: the known ones. A holder of the locks, such as retention, is waited for, and its changes are seen.
    static func lock(_ events: [String], _ connection: Connection) throws -> [String: Standing] {
        let (work, received) = try connection.pipeline { pipeline in
            (
                pipeline.execute(
                    """
                    SELECT event_id, status, detail, crashes
                    FROM tollgate.event_work
                    WHERE event_id = ANY (\(events))
                    ORDER BY event_id
                    FOR UPDATE
                    """),
                // A separate statement: the previous one has read its table as it was before it waited.
                pipeline.execute(
                    "SELECT id, type, payload IS NULL AS is_pruned FROM tollgate.event WHERE id = ANY (\(events))")
            )
        }
        var found: [String: Rows.Row] = [:]
        for row in try received.rows { try found[row["id"]] = row }
        var standings: [String: Standing] = [:]
        for row in try work.rows {
            let id: String = try row["event_id"]
            guard let event = found[id] else { continue }
            standings[id] = Standing(
                state: try row.word("status"), detail: try row["detail"], crashes: try row["crashes"],
                type: try event["type"], isPruned: try event["is_pruned"])
        }
        return standings
    }

    /// - Returns: nil for an unknown id.
    static func lock(_ event: String, _ connection: Connection) throws -> Standing? {
        try lock([event], connection)[event]
    }
}
