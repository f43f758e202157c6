// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Replays of many events, for operators to create, read and cancel.
package struct ReplayStore: Sendable {
    let database: Database

    /// Counting, creating and canceling may concern very many events.
    private static let timeout: Duration = .seconds(25)

    /// What a replay would cover: how many events, how many more have lost their payload, and the newest of them.
    /// Events that an operator has dismissed do not count.
    /// - Parameter filter: with a status.
    package func preview(
        _ filter: EventFilter,
        sample limit: Int
    ) async throws -> (count: Int, skipped: Int, sample: [EventRecord]) {
        // One moment for both.
        try await database.transaction(mode: .snapshot) { connection in
            let (counts, sample) = try connection.pipeline { pipeline in
                pipeline.beginSearch(within: Self.timeout)
                return (
                    pipeline.execute(
                        """
                        SELECT count(*) FILTER (WHERE e.payload IS NOT NULL) AS count,
                               count(*) FILTER (WHERE e.payload IS NULL) AS skipped
                        FROM \(Self.matching(filter))
                        """),
                    pipeline.execute(
                        """
                        SELECT \(EventRecord.columns)
                        FROM \(Self.matching(filter)) AND e.payload IS NOT NULL
                        ORDER BY e.received_at DESC, e.id DESC
                        LIMIT \(limit)
                        """)
                )
            }
            let row = try counts.rows.only
            return (try row["count"], try row["skipped"], try sample.rows.map(EventRecord.init))
        }
    }

    /// Creates a replay of all events that match now; the processing then queues them bit by bit.
    /// - Parameter filter: with a status, other than pending.
    package func start(_ filter: EventFilter, operator name: String) async throws -> ReplayRecord {
        try await database.transaction { connection in
            let made = try connection.commit { pipeline in
                pipeline.beginSearch(within: Self.timeout)
                // From here to the commit, retention removes no payload; afterwards it sees which events these are.
                pipeline.execute(MaintenanceTask.retention.prevention)
                return pipeline.execute(
                    """
                    WITH matching AS MATERIALIZED (
                        SELECT e.id, e.payload IS NULL AS is_pruned
                        FROM \(Self.matching(filter))
                    ), count AS (
                        SELECT count(*) FILTER (WHERE NOT is_pruned) AS matched,
                               count(*) FILTER (WHERE is_pruned) AS skipped, clock_timestamp() AS at
                        FROM matching
                    ), made AS (
                        INSERT INTO tollgate.replay (status, event_status, event_type, customer_id, created_after,
                                                     created_before, operator, matched, skipped, created_at, finished_at)
                        SELECT CASE matched WHEN 0 THEN 'done' ELSE 'running' END, \(filter.status?.rawValue),
                               \(filter.type), \(filter.customer), \(filter.createdAfter), \(filter.createdBefore),
                               \(name), matched, skipped, at, CASE matched WHEN 0 THEN at END
                        FROM count
                        RETURNING \(ReplayRecord.columns)
                    ), event AS (
                        INSERT INTO tollgate.replay_event (replay_id, event_id)
                        SELECT made.id, matching.id FROM made, matching WHERE NOT is_pruned
                    )
                    SELECT \(ReplayRecord.columns) FROM made
                    """)
            }
            return try ReplayRecord(made.rows.only)
        }
    }

    /// - Returns: nil for an unknown id.
    package func find(_ id: String) async throws -> ReplayRecord? {
        try await database.transaction { connection in
            try connection.execute("SELECT \(ReplayRecord.columns) FROM tollgate.replay WHERE id = \(id)")
                .first.map(ReplayRecord.init)
        }
    }

    /// The latest 20, the newest first.
    package func list() async throws -> [ReplayRecord] {
        try await database.transaction { connection in
            try connection.execute(
                """
                SELECT \(ReplayRecord.columns)
                FROM tollgate.replay
                ORDER BY created_at DESC, id DESC
                LIMIT 20
                """
            ).map(ReplayRecord.init)
        }
    }

    /// Queues no further events of a replay; those that are queued still run to their end.
    package func cancel(_ id: String) async throws -> CancelResult {
        try await database.transaction { connection in
            let found = try connection.pipeline { pipeline in
                pipeline.extendTimeout(to: Self.timeout)
                // Waits for the step that is queueing right now: after this there is none.
                return pipeline.execute("SELECT status FROM tollgate.replay WHERE id = \(id) FOR UPDATE")
            }
            guard let row = try found.rows.first else { return .unknown }
            let status: ReplayStatus = try row.word("status")
            guard status == .running else { return .over }
            let canceled = try connection.commit { pipeline in
                pipeline.execute("DELETE FROM tollgate.replay_event WHERE replay_id = \(id) AND attempt IS NULL")
                return pipeline.execute(
                    """
                    UPDATE tollgate.replay
                    SET status = 'canceled', finished_at = CASE queued WHEN ended THEN clock_timestamp() END
                    WHERE id = \(id)
                    RETURNING \(ReplayRecord.columns)
                    """)
            }
            return .canceled(try ReplayRecord(canceled.rows.only))
        }
    }

    /// The tables `event` as `e` and `event_work` as `w`, with the filter's conditions; without a status, no event
    /// matches.
    private static func matching(_ filter: EventFilter) -> SQL {
        """
        tollgate.event e
        JOIN tollgate.event_work w ON w.event_id = e.id
        WHERE w.status = \(filter.status?.rawValue) AND w.detail IS DISTINCT FROM \(Dismissal.detail)
          AND \(filter.eventConditions)
        """
    }
}
