import Notation
import Postgres

extension Store {
    /// Ends an event that failed or is quarantined, and cannot be mended, as ignored. Its error stays to be seen, and who
    /// dismissed it and why is kept with its attempts. Replays of many leave it out; a replay of it alone is possible.
    package func dismiss(_ id: String, reason: String, operator name: String) async throws -> DismissalResult {
        try await reads.transaction { connection in
            let rows = try connection.execute(
                "SELECT status, detail FROM tollgate.event_work WHERE event_id = $1 FOR UPDATE", .value(id))
            guard let (word, detail) = try rows.first?.decode(String.self, String?.self) else { return .unknown }
            let status: EventStatus = try known(word)
            switch status {
            case .failed, .quarantined:
                try Self.leaveOutOfReplays(id, connection)
                try connection.execute(
                    """
                    WITH attempt AS (
                        INSERT INTO tollgate.event_attempt (event_id, number, started_at, finished_at, outcome, message,
                                                            operator)
                        SELECT event_id, attempts + 1, now(), clock_timestamp(), 'ignored', 'dismissed: ' || $2, $3
                        FROM tollgate.event_work
                        WHERE event_id = $1
                    )
                    UPDATE tollgate.event_work
                    SET status = 'ignored', detail = 'dismissed', attempts = attempts + 1
                    WHERE event_id = $1
                    """,
                    .value(id), .value(reason), .value(name))
            case .ignored where detail == Dismissal.detail: break
            case .pending, .processed, .ignored: return .notDismissible(status)
            }
            return try Self.dismissal(of: id, connection).map(DismissalResult.dismissed) ?? .unknown
        }
    }

    /// The replays that have yet to queue it are about one event less.
    private static func leaveOutOfReplays(_ id: String, _ connection: Connection) throws {
        // Whoever cancels a replay locks it before its events: so does this.
        let rows = try connection.execute(
            """
            SELECT r.id
            FROM tollgate.replay r
            JOIN tollgate.replay_event e ON e.replay_id = r.id
            WHERE e.event_id = $1 AND e.attempt IS NULL
            ORDER BY r.id
            FOR UPDATE OF r
            """,
            .value(id))
        guard rows.first != nil else { return }
        try connection.execute(
            """
            WITH left_out AS (
                DELETE FROM tollgate.replay_event WHERE event_id = $1 AND attempt IS NULL RETURNING replay_id
            )
            UPDATE tollgate.replay r SET matched = r.matched - 1, skipped = r.skipped + 1
            FROM left_out l
            WHERE r.id = l.replay_id
            """,
            .value(id))
    }

    /// The last thing that happened to a dismissed event.
    private static func dismissal(of id: String, _ connection: Connection) throws -> Dismissal? {
        let rows = try connection.execute(
            """
            SELECT substr(message, length('dismissed: ') + 1), operator, finished_at
            FROM tollgate.event_attempt
            WHERE event_id = $1
            ORDER BY number DESC
            LIMIT 1
            """,
            .value(id))
        guard let row = rows.first else { return nil }
        let (reason, name, at) = try row.decode(String.self, String.self, Timestamp.self)
        return Dismissal(event: id, reason: reason, operator: name, at: at)
    }
}
