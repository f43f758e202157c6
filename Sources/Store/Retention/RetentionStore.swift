// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// Removes what is older than the retention.
package struct RetentionStore: Sendable {
    let database: Database

    /// How long ids are kept at least, so that a late copy of an event is still recognised as a duplicate: Stripe's API
    /// lists the events of 30 days.
    package static let shortestMemory: Duration = .seconds(35 * 86_400)

    /// Removes one batch of what is older than the retention: first whole events, once their ids may go too, then only
    /// payloads. Touches only processed and ignored events, and none that a replay has yet to run. Their effects, in
    /// ledger and timeline, stay.
    /// - Parameters:
    ///   - pruning: what the previous batch returned.
    ///   - limit: events per batch.
    /// - Returns: nil while another process prunes, or a replay is being created.
    package func prune(
        _ pruning: Pruning = Pruning(),
        atMost limit: Int,
        retention: Duration
    ) async throws -> Pruning? {
        try await database.transaction { connection in
            guard try MaintenanceTask.retention.begin(connection) else { return nil }
            try connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            var pruning = pruning
            let memory = max(retention, Self.shortestMemory)
            let removed =
                switch pruning.walk {
                case .events: try Self.removeEvents(pruning.last, limit, olderThan: memory, connection)
                case .payloads: try Self.removePayloads(pruning.last, limit, olderThan: retention, connection)
                }
            switch pruning.walk {
            case .events: pruning.events += removed.count
            case .payloads: pruning.payloads += removed.count
            }
            pruning.last = removed.last
            guard removed.count < limit else { return pruning }
            // Whole events went as early as payloads may: none is left.
            pruning.isFinished = pruning.walk == .payloads || retention >= memory
            (pruning.walk, pruning.last) = (.payloads, nil)
            return pruning
        }
    }

    /// Who keeps `prune` waiting.
    package func holders() async throws -> [String] {
        try await database.transaction { try MaintenanceTask.holders($0) }
    }

    private static func removeEvents(
        _ last: (receivedAt: Timestamp, id: String)?,
        _ limit: Int,
        olderThan age: Duration,
        _ connection: Connection
    ) throws -> [(receivedAt: Timestamp, id: String)] {
        try removed(
            """
            WITH due AS (\(due(last, limit, olderThan: age))), removed AS (
                DELETE FROM tollgate.event e USING due WHERE e.id = due.id
            )
            SELECT received_at, id FROM due ORDER BY received_at, id
            """,
            connection)
    }

    private static func removePayloads(
        _ last: (receivedAt: Timestamp, id: String)?,
        _ limit: Int,
        olderThan age: Duration,
        _ connection: Connection
    ) throws -> [(receivedAt: Timestamp, id: String)] {
        try removed(
            """
            WITH due AS (\(due(last, limit, olderThan: age, besides: " AND e.payload IS NOT NULL"))), removed AS (
                UPDATE tollgate.event e SET payload = NULL FROM due WHERE e.id = due.id
            )
            SELECT received_at, id FROM due ORDER BY received_at, id
            """,
            connection)
    }

    private static func removed(
        _ sql: SQL,
        _ connection: Connection
    ) throws -> [(receivedAt: Timestamp, id: String)] {
        try connection.execute(sql).map { (receivedAt: try $0["received_at"], id: try $0["id"]) }
    }

    /// Those after the last one of the previous batch, locked so that nobody makes them pending in the meantime.
    private static func due(
        _ last: (receivedAt: Timestamp, id: String)?,
        _ limit: Int,
        olderThan age: Duration,
        besides condition: SQL = ""
    ) -> SQL {
        """

        SELECT e.received_at, e.id
        FROM tollgate.event e
        JOIN tollgate.event_work w ON w.event_id = e.id
        WHERE e.received_at < now() - \(age)
          AND (e.received_at, e.id) > (coalesce(\(last?.receivedAt), '-infinity'), coalesce(\(last?.id), ''))
          AND \(isOver)\(condition)
        ORDER BY e.received_at, e.id
        LIMIT \(limit)
        FOR UPDATE OF w SKIP LOCKED
        """
    }

    /// For an event `e` with its work `w`.
    private static let isOver: SQL = """
        w.status IN ('processed', 'ignored')
          AND NOT EXISTS (SELECT FROM tollgate.replay_event r WHERE r.event_id = e.id)
        """

    /// What a run of `prune` would remove now.
    package func countPrunable(retention: Duration) async throws -> (payloads: Int, events: Int) {
        try await database.transaction { connection in
            let memory = max(retention, Self.shortestMemory)
            let counts = try connection.pipeline { pipeline in
                // It may read a lot, and only an operator who waits for it asks.
                pipeline.extendTimeout(to: .seconds(600))
                return pipeline.execute(
                    """
                    SELECT count(*) FILTER (WHERE e.received_at >= now() - \(memory) AND e.payload IS NOT NULL) AS payloads,
                           count(*) FILTER (WHERE e.received_at < now() - \(memory)) AS events
                    FROM tollgate.event e
                    JOIN tollgate.event_work w ON w.event_id = e.id
                    WHERE e.received_at < now() - \(retention) AND \(Self.isOver)
                    """)
            }
            let row = try counts.rows.only
            return (try row["payloads"], try row["events"])
        }
    }
}
