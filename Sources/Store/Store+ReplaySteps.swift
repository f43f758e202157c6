// SPDX-License-Identifier: Apache-2.0

import Postgres

extension Store {
    /// The replays that have events to queue or to wait for, the oldest first.
    package func unfinishedReplays() async throws -> [String] {
        try await processing.transaction { connection in
            let rows = try connection.execute(
                "SELECT id FROM tollgate.replay WHERE finished_at IS NULL ORDER BY created_at, id"
            )
            return try rows.map { try $0.decode(String.self) }
        }
    }

    /// Counts the events of a replay that have ended, and queues as many others as then fit.
    /// - Parameter limit: how many of its events may be pending at once.
    /// - Returns: nil where there is nothing to do, or another process is doing it.
    package func advanceReplay(_ id: String, pendingAtMost limit: Int) async throws -> ReplayStep? {
        let step: ReplayStep? = try await processing.transaction { connection in
            let rows = try connection.execute(
                "SELECT operator FROM tollgate.replay WHERE id = $1 AND finished_at IS NULL FOR UPDATE SKIP LOCKED",
                .value(id)
            )
            guard let name = try rows.first?.decode(String.self) else { return nil }
            let ended = try Self.countEnded(of: id, connection)
            let pending = try connection.execute(
                "SELECT count(*) FROM tollgate.replay_event WHERE replay_id = $1 AND attempt IS NOT NULL",
                .value(id)
            )
            let room = limit - (try pending.first?.decode(Int.self) ?? 0)
            let queued = room > 0 ? try Self.queueNext(room, of: id, operator: name, connection) : 0
            let finished = try connection.execute(
                """
                UPDATE tollgate.replay
                SET status = CASE status WHEN 'running' THEN 'done' ELSE status END, finished_at = clock_timestamp()
                WHERE id = $1 AND NOT EXISTS (SELECT FROM tollgate.replay_event WHERE replay_id = $1)
                """,
                .value(id)
            )
            return ReplayStep(queued: queued, ended: ended, isFinished: finished.affected > 0)
        }
        if let step, step.queued > 0 { queue.signal.notify() }
        return step
    }

    /// An event has ended for a replay with the first attempt, from the one that was queued, that will not be retried:
    /// whatever has been asked of the event since.
    private static func countEnded(of replay: String, _ connection: Connection) throws -> Int {
        let rows = try connection.execute(
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
                    WHERE q.replay_id = $1 AND q.attempt IS NOT NULL
                ) a
                WHERE r.replay_id = $1 AND r.event_id = a.event_id
                RETURNING a.outcome
            ), count AS (
                SELECT count(*) FILTER (WHERE outcome = 'processed') AS processed,
                       count(*) FILTER (WHERE outcome = 'ignored') AS ignored,
                       count(*) FILTER (WHERE outcome = 'failed') AS failed,
                       count(*) FILTER (WHERE outcome = 'quarantined') AS quarantined
                FROM ended
                HAVING count(*) > 0
            )
            UPDATE tollgate.replay r
            SET processed = r.processed + c.processed, ignored = r.ignored + c.ignored, failed = r.failed + c.failed,
                quarantined = r.quarantined + c.quarantined
            FROM count c
            WHERE r.id = $1
            RETURNING c.processed + c.ignored + c.failed + c.quarantined
            """,
            .value(replay)
        )
        return try rows.first?.decode(Int.self) ?? 0
    }

    /// Makes events pending. One that is pending already is not queued twice: its next end counts. One that a worker or an
    /// operator holds right now waits for the next step.
    private static func queueNext(
        _ limit: Int,
        of replay: String,
        operator name: String,
        _ connection: Connection
    ) throws -> Int {
        let next = try connection.execute(
            """
            WITH next AS (
                SELECT w.event_id, w.attempts, w.status
                FROM tollgate.replay_event r
                JOIN tollgate.event_work w ON w.event_id = r.event_id
                WHERE r.replay_id = $1 AND r.attempt IS NULL
                ORDER BY r.event_id
                LIMIT $2
                FOR UPDATE OF w SKIP LOCKED
            ), begun AS (
                UPDATE tollgate.replay_event r SET attempt = next.attempts + 1
                FROM next
                WHERE r.replay_id = $1 AND r.event_id = next.event_id
            ), count AS (
                SELECT count(*) AS events FROM next HAVING count(*) > 0
            ), counted AS (
                UPDATE tollgate.replay SET queued = queued + count.events FROM count WHERE id = $1
            )
            SELECT event_id, status FROM next
            """,
            .value(replay),
            .value(limit)
        ).map { try $0.decode(String.self, String.self) }
        let transition = EventTransition.requeued(by: name)
        let ended = try next.filter { transition.sources.contains(try known($0.1)) }
        try connection.pipeline { pipeline in
            EventRows.make(ended.map { EventRows.Change(event: $0.0, transition: transition) }, in: pipeline)
        }
        return next.count
    }
}
