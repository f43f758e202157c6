// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Which processes died of which events: what a process held when it died is a suspected poison event. One death proves
/// nothing, as the process held others too; a suspect is handled alone, and its crashes are counted until it fails.
struct CrashLedger: Sendable {
    /// How many processes may die of a suspect before it fails.
    static let limit = 3

    private let registry: WorkerRegistry

    init(_ registry: WorkerRegistry) {
        self.registry = registry
    }

    /// What the death of a process means for an event that it held.
    /// - Parameters:
    ///   - crashes: its count so far: 0 if not a suspect, 1 for a suspect, one more for each death it caused alone.
    ///   - isAlone: whether its worker held nothing else.
    /// - Returns: nil if it stays a suspect as before.
    static func transition(crashes: Int, isAlone: Bool) -> EventTransition? {
        guard crashes > 0 else { return .suspected }
        guard isAlone else { return nil }
        guard crashes < limit else {
            return .failed(
                error: "the process died while it handled this event, \(limit) times: replay it once that is fixed")
        }
        return .crashed(times: crashes + 1)
    }

    func deadProcesses() async throws -> Set<Int> {
        try await registry.transaction { connection, process in
            let rows = try connection.execute("SELECT DISTINCT process FROM tollgate.worker")
            let all: Set<Int> = Set(try rows.map { try $0["process"] })
            let others = all.subtracting([process])
            return others.isEmpty ? [] : others.subtracting(try ProcessName.alive(connection))
        }
    }

    func rescueEvents(of dead: Int) async throws -> [EventResult] {
        try await registry.transaction { connection, _ in
            if try ProcessName.alive(connection).contains(dead) { return [] }
            let wasAlone = try Self.removeWorkers(of: dead, connection)
            var changes: [EventRows.Change] = []
            var failed: [EventResult] = []
            for (event, standing) in try EventRows.lock(Array(wasAlone.keys), connection) {
                guard standing.state == .pending,
                    let transition = Self.transition(
                        crashes: standing.crashes, isAlone: wasAlone[event] ?? false)
                else { continue }
                changes.append(EventRows.Change(event: event, transition: transition))
                if transition.target == .failed {
                    failed.append(
                        EventResult(
                            event: event, type: standing.type ?? "", transition, loggable: transition.error))
                }
            }
            try connection.commit { EventRows.make(changes, in: $0) }
            return failed
        }
    }

    /// Removes the workers of a process whose events nobody holds. One whose events, or whose own row, somebody still
    /// holds stays until the next attempt: waiting for it would keep all workers of this process from their work.
    /// - Returns: their events, and whether a worker held nothing else.
    private static func removeWorkers(of dead: Int, _ connection: Connection) throws -> [String: Bool] {
        let rows = try connection.execute(
            """
            WITH dead AS MATERIALIZED (
                SELECT id, events FROM tollgate.worker
                WHERE process = \(dead)::bigint::integer
                ORDER BY id
                FOR UPDATE SKIP LOCKED
            ), named AS (
                SELECT DISTINCT event_id FROM dead CROSS JOIN unnest(dead.events) AS e (event_id)
            ), free AS MATERIALIZED (
                SELECT w.event_id
                FROM tollgate.event_work w
                WHERE w.event_id IN (SELECT event_id FROM named)
                ORDER BY w.event_id
                FOR UPDATE OF w SKIP LOCKED
            ), held AS (
                SELECT w.event_id
                FROM tollgate.event_work w
                WHERE w.event_id IN (SELECT event_id FROM named) AND w.event_id NOT IN (SELECT event_id FROM free)
            ), gone AS (
                DELETE FROM tollgate.worker w USING dead
                WHERE w.id = dead.id AND NOT dead.events && ARRAY(SELECT event_id FROM held)
                RETURNING w.events
            )
            SELECT event_id, bool_or(cardinality(gone.events) = 1) AS is_alone
            FROM gone CROSS JOIN unnest(gone.events) AS e (event_id)
            GROUP BY event_id
            """)
        var wasAlone: [String: Bool] = [:]
        for row in rows { try wasAlone[row["event_id"]] = row["is_alone"] }
        return wasAlone
    }
}
