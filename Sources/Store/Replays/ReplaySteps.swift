// SPDX-License-Identifier: Apache-2.0

import Postgres

/// The work of replays: events are queued a few at a time, so that newly arriving events wait for no more than those.
package struct ReplaySteps: Sendable {
    let database: Database
    let signal: WorkSignal

    /// The replays that have events to queue or to wait for, oldest first.
    package func unfinished() async throws -> [String] {
        try await database.transaction { connection in
            try connection.execute(
                "SELECT id FROM tollgate.replay WHERE finished_at IS NULL ORDER BY created_at, id"
            ).map { try $0["id"] }
        }
    }

    /// Counts the events of a replay that have ended, and queues as many others as there is then room for.
    /// - Parameter limit: how many of its events may be pending at once.
    /// - Returns: nil if there is nothing to do, or another process is doing it.
    package func advance(_ id: String, pendingAtMost limit: Int) async throws -> ReplayStep? {
        try await database.transaction { [signal] connection in
            let rows = try connection.execute(
                "SELECT operator FROM tollgate.replay WHERE id = \(id) AND finished_at IS NULL FOR UPDATE SKIP LOCKED")
            guard let row = rows.first else { return nil }
            let (counts, pending) = try connection.pipeline { pipeline in
                (
                    pipeline.execute(Self.counting(id)),
                    pipeline.execute(
                        """
                        SELECT count(*) AS pending
                        FROM tollgate.replay_event
                        WHERE replay_id = \(id) AND attempt IS NOT NULL
                        """)
                )
            }
            let room = limit - (try pending.rows.only["pending"])
            let events = room > 0 ? try Self.take(room, of: id, connection) : []
            let transition = EventTransition.requeued(by: try row["operator"])
            // One that is already pending is not queued twice: its next end counts.
            let ended = events.filter { transition.sources.contains($0.state) }
            if !events.isEmpty { connection.afterCommit { signal.notify() } }
            let finished = try connection.commit { pipeline in
                EventRows.make(ended.map { EventRows.Change(event: $0.id, transition: transition) }, in: pipeline)
                return pipeline.execute(
                    """
                    UPDATE tollgate.replay
                    SET status = CASE status WHEN 'running' THEN 'done' ELSE status END, finished_at = clock_timestamp()
                    WHERE id = \(id) AND NOT EXISTS (SELECT FROM tollgate.replay_event WHERE replay_id = \(id))
                    RETURNING id
                    """)
            }
            return ReplayStep(
                queued: events.count, ended: try counts.rows.only["ended"], isFinished: try finished.rows.count > 0)
        }
    }

    /// For a replay, an event has ended with its first attempt, counted from the queued one, that will not be retried:
    /// whatever has been requested for the event since.
    private static func counting(_ replay: String) -> SQL {
        """
        WITH ended AS (
            DELETE FROM tollgate.replay_event r
            USING (
                SELECT q.event_id, a.outcome
                FROM tollgate.replay_event q
                CROSS JOIN LATERAL (
                    SELECT outcome
                    FROM tollgate.event_attempt
                    WHERE event_id = q.event_id AND number >= q.attempt AND outcome <> 'retry'
                    ORDER BY number
                    LIMIT 1
                ) a
                WHERE q.replay_id = \(replay) AND q.attempt IS NOT NULL
            ) a
            WHERE r.replay_id = \(replay) AND r.event_id = a.event_id
            RETURNING a.outcome
        ), count AS (
            SELECT count(*) AS ended,
                   count(*) FILTER (WHERE outcome = 'processed') AS processed,
                   count(*) FILTER (WHERE outcome = 'ignored') AS ignored,
                   count(*) FILTER (WHERE outcome = 'failed') AS failed,
                   count(*) FILTER (WHERE outcome = 'quarantined') AS quarantined
            FROM ended
        ), counted AS (
            UPDATE tollgate.replay r
            SET processed = r.processed + c.processed, ignored = r.ignored + c.ignored, failed = r.failed + c.failed,
                quarantined = r.quarantined + c.quarantined
            FROM count c
            WHERE r.id = \(replay) AND c.ended > 0
        )
        SELECT ended FROM count
        """
    }

    /// Takes the next events of a replay, which will become pending. One that a worker or an operator holds right now
    /// waits for the next step. One that was dismissed is left out: a dismissal takes the event off the list itself, but
    /// not off the list of a replay that was being made at the same time. Whether it was is asked of the locked row.
    private static func take(
        _ limit: Int,
        of replay: String,
        _ connection: Connection
    ) throws -> [(id: String, state: EventState)] {
        try connection.execute(
            """
            WITH next AS (
                SELECT w.event_id, w.attempts, w.status, w.detail IS NOT DISTINCT FROM \(Dismissal.detail) AS is_dismissed
                FROM tollgate.replay_event r
                JOIN tollgate.event_work w ON w.event_id = r.event_id
                WHERE r.replay_id = \(replay) AND r.attempt IS NULL
                ORDER BY r.event_id
                LIMIT \(limit)
                FOR UPDATE OF w SKIP LOCKED
            ), begun AS (
                UPDATE tollgate.replay_event r SET attempt = next.attempts + 1
                FROM next
                WHERE r.replay_id = \(replay) AND r.event_id = next.event_id AND NOT next.is_dismissed
            ), left_out AS (
                DELETE FROM tollgate.replay_event r
                USING next
                WHERE r.replay_id = \(replay) AND r.event_id = next.event_id AND next.is_dismissed
                RETURNING r.event_id
            ), count AS (
                SELECT (SELECT count(*) FROM next WHERE NOT is_dismissed) AS taken,
                       (SELECT count(*) FROM left_out) AS left_out
            ), counted AS (
                UPDATE tollgate.replay r
                SET queued = r.queued + c.taken, matched = r.matched - c.left_out, skipped = r.skipped + c.left_out
                FROM count c
                WHERE r.id = \(replay) AND (c.taken > 0 OR c.left_out > 0)
            )
            SELECT event_id, status FROM next WHERE NOT is_dismissed
            """
        ).map { (id: try $0["event_id"], state: try $0.word("status")) }
    }
}
