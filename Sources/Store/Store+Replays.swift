// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

extension Store {
    /// What a replay would be about: how many events, how many more have lost their payload, and the newest of them. What
    /// an operator has dismissed is none of them.
    package func replayable(
        _ filter: EventFilter,
        sample limit: Int
    ) async throws -> (count: Int, skipped: Int, sample: [EventRecord]) {
        try await reads.transaction { connection in
            // One moment for both, and time enough to count many.
            try connection.executeScript(
                """
                SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
                SET LOCAL plan_cache_mode = force_custom_plan
                """
            )
            try connection.extendTimeout(to: .seconds(25))
            let counts = try connection.execute(
                """
                SELECT count(*) FILTER (WHERE e.payload IS NOT NULL), count(*) FILTER (WHERE e.payload IS NULL)
                FROM tollgate.event e
                JOIN tollgate.event_work w ON w.event_id = e.id
                WHERE w.status = $1 AND w.detail IS DISTINCT FROM 'dismissed'
                  AND ($2::text IS NULL OR e.type = $2)
                  AND ($3::text IS NULL OR e.customer_id = $3)
                  AND ($4::timestamptz IS NULL OR e.created > $4)
                  AND ($5::timestamptz IS NULL OR e.created < $5)
                """,
                .value(filter.status?.rawValue),
                .value(filter.type),
                .value(filter.customer),
                .value(filter.createdAfter),
                .value(filter.createdBefore)
            )
            let (count, skipped) = try counts.first?.decode(Int.self, Int.self) ?? (0, 0)
            let sample = try connection.execute(
                """
                SELECT e.id, e.type, w.status, e.created, e.received_at, e.customer_id, e.livemode, e.account,
                       e.api_version, e.secret, w.attempts, w.detail, w.error
                FROM tollgate.event e
                JOIN tollgate.event_work w ON w.event_id = e.id
                WHERE w.status = $1 AND w.detail IS DISTINCT FROM 'dismissed'
                  AND ($2::text IS NULL OR e.type = $2)
                  AND ($3::text IS NULL OR e.customer_id = $3)
                  AND ($4::timestamptz IS NULL OR e.created > $4)
                  AND ($5::timestamptz IS NULL OR e.created < $5)
                  AND e.payload IS NOT NULL
                ORDER BY e.received_at DESC, e.id DESC
                LIMIT $6
                """,
                .value(filter.status?.rawValue),
                .value(filter.type),
                .value(filter.customer),
                .value(filter.createdAfter),
                .value(filter.createdBefore),
                .value(limit)
            )
            return (count, skipped, try sample.map(EventRecord.init))
        }
    }

    /// Makes a replay of all events that match now; the processing then queues them bit by bit.
    /// - Parameter filter: with a status, other than pending.
    package func startReplay(_ filter: EventFilter, operator name: String) async throws -> ReplayRecord? {
        try await reads.transaction { connection in
            // From here to the commit retention takes no payload, and then it sees whose events they are.
            try MaintenanceTask.retention.prevent(connection)
            try connection.executeScript("SET LOCAL plan_cache_mode = force_custom_plan")
            try connection.extendTimeout(to: .seconds(25))
            let rows = try connection.execute(
                """
                WITH matching AS MATERIALIZED (
                    SELECT e.id, e.payload IS NULL AS is_pruned
                    FROM tollgate.event e
                    JOIN tollgate.event_work w ON w.event_id = e.id
                    WHERE w.status = $1 AND w.detail IS DISTINCT FROM 'dismissed'
                      AND ($2::text IS NULL OR e.type = $2)
                      AND ($3::text IS NULL OR e.customer_id = $3)
                      AND ($4::timestamptz IS NULL OR e.created > $4)
                      AND ($5::timestamptz IS NULL OR e.created < $5)
                ), count AS (
                    SELECT count(*) FILTER (WHERE NOT is_pruned) AS matched,
                           count(*) FILTER (WHERE is_pruned) AS skipped, clock_timestamp() AS at
                    FROM matching
                ), replay AS (
                    INSERT INTO tollgate.replay (status, event_status, event_type, customer_id, created_after,
                                                 created_before, operator, matched, skipped, created_at, finished_at)
                    SELECT CASE matched WHEN 0 THEN 'done' ELSE 'running' END, $1, $2, $3, $4, $5, $6, matched, skipped,
                           at, CASE matched WHEN 0 THEN at END
                    FROM count
                    RETURNING id
                ), event AS (
                    INSERT INTO tollgate.replay_event (replay_id, event_id)
                    SELECT replay.id, matching.id FROM replay, matching WHERE NOT is_pruned
                )
                SELECT id FROM replay
                """,
                .value(filter.status?.rawValue),
                .value(filter.type),
                .value(filter.customer),
                .value(filter.createdAfter),
                .value(filter.createdBefore),
                .value(name)
            )
            guard let id = try rows.first?.decode(String.self) else { return nil }
            return try Self.replay(id, connection)
        }
    }

    /// - Returns: nil for an unknown id.
    package func replay(_ id: String) async throws -> ReplayRecord? {
        try await reads.transaction { try Self.replay(id, $0) }
    }

    /// The latest 20, the newest first.
    package func replays() async throws -> [ReplayRecord] {
        try await reads.transaction { connection in
            try connection.execute(
                """
                SELECT id, status, event_status, event_type, customer_id, created_after, created_before, operator,
                       matched, skipped, queued, processed, ignored, failed, quarantined, created_at, finished_at
                FROM tollgate.replay
                ORDER BY created_at DESC, id DESC
                LIMIT 20
                """
            ).map(Self.replay)
        }
    }

    /// Queues no further events of a replay; those that are queued still end.
    package func cancelReplay(_ id: String) async throws -> CancelResult {
        try await reads.transaction { connection in
            try connection.extendTimeout(to: .seconds(25))
            // Waits for the step that is queueing right now: after this there is none.
            let rows = try connection.execute(
                "SELECT status FROM tollgate.replay WHERE id = $1 FOR UPDATE",
                .value(id)
            )
            guard let status = try rows.first?.decode(String.self) else { return .unknown }
            guard status == ReplayStatus.running.rawValue else { return .over }
            try connection.execute(
                "DELETE FROM tollgate.replay_event WHERE replay_id = $1 AND attempt IS NULL",
                .value(id)
            )
            try connection.execute(
                """
                UPDATE tollgate.replay
                SET status = 'canceled', finished_at = CASE queued WHEN ended THEN clock_timestamp() END
                WHERE id = $1
                """,
                .value(id)
            )
            return try Self.replay(id, connection).map(CancelResult.canceled) ?? .unknown
        }
    }

    private static func replay(_ id: String, _ connection: Connection) throws -> ReplayRecord? {
        try connection.execute(
            """
            SELECT id, status, event_status, event_type, customer_id, created_after, created_before, operator,
                   matched, skipped, queued, processed, ignored, failed, quarantined, created_at, finished_at
            FROM tollgate.replay
            WHERE id = $1
            """,
            .value(id)
        ).first.map(replay)
    }

    private static func replay(_ row: Rows.Row) throws -> ReplayRecord {
        let (
            id, status, eventStatus, type, customer, createdAfter, createdBefore, name, matched, skipped, queued,
            processed, ignored, failed, quarantined, createdAt, finishedAt
        ) = try row.decode(
            String.self, String.self, String.self, String?.self, String?.self, Timestamp?.self, Timestamp?.self,
            String.self, Int.self, Int.self, Int.self, Int.self, Int.self, Int.self, Int.self, Timestamp.self,
            Timestamp?.self
        )
        return ReplayRecord(
            id: id,
            status: try known(status),
            filter: EventFilter(
                status: try known(eventStatus), type: type, customer: customer, createdAfter: createdAfter,
                createdBefore: createdBefore),
            operator: name,
            matched: matched,
            skipped: skipped,
            queued: queued,
            ended: [.processed: processed, .ignored: ignored, .failed: failed, .quarantined: quarantined],
            createdAt: createdAt,
            finishedAt: finishedAt
        )
    }
}
