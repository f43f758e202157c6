// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

extension EventQueue {
    /// Ends an event that failed or is quarantined, and cannot be fixed, as ignored. Its error stays visible, and who
    /// dismissed it and why is kept with its attempts. Bulk replays leave it out; replaying it alone is possible.
    package func dismiss(_ id: String, reason: String, by name: String) async throws -> DismissalResult {
        try await operators.transaction { connection in
            let transition = EventTransition.dismissed(reason: reason, by: name)
            guard let standing = try EventRows.lock(id, connection) else { return .unknown }
            if transition.sources.contains(standing.state) {
                try Self.leaveOutOfReplays(id, connection)
                try connection.pipeline { pipeline in
                    EventRows.make([EventRows.Change(event: id, transition: transition)], in: pipeline)
                }
            } else if standing.detail != Dismissal.detail || standing.state != transition.target {
                return .notDismissible(standing.state)
            }
            return try Self.dismissal(of: id, connection).map(DismissalResult.dismissed) ?? .unknown
        }
    }

    /// The replays that have yet to queue it lose one event. One that is made meanwhile keeps it, until its turn comes.
    private static func leaveOutOfReplays(_ id: String, _ connection: Connection) throws {
        // Cancelling a replay locks it before its events, so this uses the same order.
        let rows = try connection.execute(
            """
            SELECT r.id
            FROM tollgate.replay r
            JOIN tollgate.replay_event e ON e.replay_id = r.id
            WHERE e.event_id = \(id) AND e.attempt IS NULL
            ORDER BY r.id
            FOR UPDATE OF r
            """)
        let replays: [String] = try rows.map { try $0["id"] }
        if replays.isEmpty { return }
        try connection.execute(
            """
            WITH left_out AS (
                DELETE FROM tollgate.replay_event
                WHERE event_id = \(id) AND attempt IS NULL AND replay_id = ANY (\(replays))
                RETURNING replay_id
            )
            UPDATE tollgate.replay r SET matched = r.matched - 1, skipped = r.skipped + 1
            FROM left_out l
            WHERE r.id = l.replay_id
            """)
    }

    /// The last thing that happened to a dismissed event.
    private static func dismissal(of id: String, _ connection: Connection) throws -> Dismissal? {
        let rows = try connection.execute(
            """
            SELECT message, operator, finished_at
            FROM tollgate.event_attempt
            WHERE event_id = \(id)
            ORDER BY number DESC
            LIMIT 1
            """)
        return try rows.first.map { row in
            let message: String = try row["message"]
            return Dismissal(
                event: id, reason: String(message.dropFirst(Dismissal.prefix.count)), operator: try row["operator"],
                at: try row["finished_at"])
        }
    }
}
