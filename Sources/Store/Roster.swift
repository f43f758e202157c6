import Notation
import Postgres
import Synchronization

/// Who is at work on which events. What a worker takes in hand is written down and committed before it is touched: where
/// a process dies, those events are suspects to the next one: it handles one of them at a time, and gives up on the one
/// that keeps killing its process.
package struct Roster: Sendable {
    /// How many processes may die of a suspect before it fails.
    private static let deathLimit = 3
    /// How long a suspect that one more process died of is left alone, once for each: a process that dies for another
    /// reason soon after its start, again and again, has not taken it in hand by then.
    private static let respite: Duration = .seconds(5)

    /// One worker of this process.
    package struct Worker: Sendable, Hashable {
        let id: Int64
    }

    private let database: Database
    private let process: ProcessName
    private let floor = Floor()

    /// The one of all workers of this process.
    private final class Floor: Sendable {
        let state = Mutex(ClaimFloor())
    }

    init(_ database: Database, process: Int32) {
        self.database = database
        self.process = ProcessName(Int(process))
    }

    package func enlist() async throws -> Worker {
        try await database.transaction { [process] connection in
            let rows = try connection.execute(
                "INSERT INTO tollgate.worker (process) VALUES ($1::bigint::integer) RETURNING id",
                .value(try process.hold(connection))
            )
            return Worker(id: try rows.first?.decode(Int64.self) ?? 0)
        }
    }

    package func discharge(_ worker: Worker) async throws {
        try await database.transaction { connection in
            _ = try connection.execute("DELETE FROM tollgate.worker WHERE id = $1", .value(worker.id))
        }
    }

    /// Chooses events that are due, and writes down that this worker takes them in hand. They are not locked yet.
    /// - Parameters:
    ///   - lane: whose events; suspects are anybody's.
    ///   - suspects: those that at most so many processes died of, instead of those that none died of.
    ///   - others: the hashes of customers whose events are left alone.
    func assign(
        atMost limit: Int,
        in lane: Lane,
        suspects: Int?,
        besides others: [Int],
        to worker: Worker
    ) async throws -> [String] {
        try await database.statements { [process, floor] connection in
            // The session may be a new one.
            _ = try process.hold(connection)
            if let suspects { return try Self.suspects(suspects, limit, others, worker, connection) }
            let began = ContinuousClock.now
            switch floor.state.withLock({ $0.step(at: began) }) {
            case .claim(let start):
                return try Self.due(limit, lane, from: start, others, worker, connection)
            case .search:
                let (oldest, now) = try Self.oldest(connection)
                floor.state.withLock { $0.found(oldest, databaseTime: now, began: began, at: .now) }
                let start = min(oldest ?? now, now - ClaimFloor.overlap)
                return try Self.due(limit, lane, from: start, others, worker, connection)
            case .claimAll:
                let events = try Self.due(limit, lane, from: Self.beginning, others, worker, connection)
                floor.state.withLock { $0.claimed(after: began.duration(to: .now), at: .now) }
                return events
            }
        }
    }

    /// The worker was taken for dead, for its process had lost its connection: it has to enlist again.
    package struct StruckOff: Error, Hashable {}

    /// No event is older.
    private static let beginning = Timestamp(microseconds: 0)

    /// Since when the oldest pending event has been due, and the time before this was looked up.
    private static func oldest(_ connection: Connection) throws -> (oldest: Timestamp?, now: Timestamp) {
        let rows = try connection.execute(
            "SELECT min(run_at), now() FROM tollgate.event_work WHERE status = 'pending' AND deaths = 0")
        guard let row = rows.first else { return (nil, beginning) }
        return try row.decode(Timestamp?.self, Timestamp.self)
    }

    /// Whatever time it was received at: where the database's clock has been set back, that may be in the future.
    /// What another worker has taken in hand is left to it for a minute; what it has not ended by then is anybody's.
    private static func due(
        _ limit: Int,
        _ lane: Lane,
        from start: Timestamp,
        _ others: [Int],
        _ worker: Worker,
        _ connection: Connection
    ) throws -> [String] {
        try noted(
            connection.executeAlone(
                """
                WITH due AS (
                    SELECT w.event_id
                    FROM tollgate.event_work w
                    WHERE w.status = 'pending' AND w.deaths = 0 AND w.run_at >= $6 AND w.customer_hash % $3 = $4
                      AND w.customer_hash <> ALL ($5)
                      AND w.event_id NOT IN (SELECT unnest(o.events) FROM tollgate.worker o
                                             WHERE o.id <> $2 AND o.claimed_at > now() - interval '1 minute')
                    ORDER BY w.run_at, w.event_id
                    LIMIT $1
                    FOR UPDATE OF w SKIP LOCKED
                ), noted AS (
                    UPDATE tollgate.worker
                    SET events = (SELECT array_agg(event_id) FROM due), claimed_at = clock_timestamp()
                    WHERE id = $2 AND EXISTS (SELECT FROM due)
                    RETURNING id
                )
                SELECT event_id, EXISTS (SELECT FROM noted) FROM due
                """,
                .value(limit),
                .value(worker.id),
                .value(lane.count),
                .value(lane.number),
                .array(others),
                .value(start)
            )
        )
    }

    /// Whole again, and not a parameter of the other: each has a partial index of its own.
    private static func suspects(
        _ deathLimit: Int,
        _ limit: Int,
        _ others: [Int],
        _ worker: Worker,
        _ connection: Connection
    ) throws -> [String] {
        try noted(
            connection.executeAlone(
                """
                WITH due AS (
                    SELECT w.event_id
                    FROM tollgate.event_work w
                    WHERE w.status = 'pending' AND w.deaths BETWEEN 1 AND $4 AND w.run_at <= now()
                      AND w.customer_hash <> ALL ($3)
                      AND w.event_id NOT IN (SELECT unnest(o.events) FROM tollgate.worker o
                                             WHERE o.id <> $2 AND o.claimed_at > now() - interval '1 minute')
                    ORDER BY w.deaths, w.run_at, w.event_id
                    LIMIT $1
                    FOR UPDATE OF w SKIP LOCKED
                ), noted AS (
                    UPDATE tollgate.worker
                    SET events = (SELECT array_agg(event_id) FROM due), claimed_at = clock_timestamp()
                    WHERE id = $2 AND EXISTS (SELECT FROM due)
                    RETURNING id
                )
                SELECT event_id, EXISTS (SELECT FROM noted) FROM due
                """,
                .value(limit),
                .value(worker.id),
                .array(others),
                .value(deathLimit)
            )
        )
    }

    /// Nothing is in the worker's hands any more: anybody may take it.
    package func release(_ worker: Worker) async throws {
        try await database.statements { connection in
            _ = try connection.executeAlone(
                "UPDATE tollgate.worker SET events = '{}' WHERE id = $1", .value(worker.id))
        }
    }

    private static func noted(_ rows: Rows) throws -> [String] {
        try rows.map { row in
            let (id, isNoted) = try row.decode(String.self, Bool.self)
            guard isNoted else { throw StruckOff() }
            return id
        }
    }

    /// Processes that no session stands for. One that has only lost its connection takes it again within seconds.
    package func missing() async throws -> Set<Int> {
        try await database.transaction { [process] connection in
            let own = try process.hold(connection)
            let rows = try connection.execute("SELECT DISTINCT process::bigint FROM tollgate.worker")
            let all: Set<Int> = Set(try rows.map { try $0.decode(Int.self) })
            let others = all.subtracting([own])
            return others.isEmpty ? [] : others.subtracting(try ProcessName.alive(connection))
        }
    }

    /// An event that was given up on.
    package struct Failed: Sendable, Hashable {
        package let event: String
        package let type: String?
        package let error: String
    }

    /// Makes suspects of the events that a dead process had in hand, and strikes its workers off. The first death proves
    /// nothing, for others were in the hands of that process; those of a suspect, which is handled alone, are counted.
    /// - Returns: the events that failed, for three processes died of them.
    package func bury(_ dead: Int) async throws -> [Failed] {
        try await database.transaction { connection in
            if try ProcessName.alive(connection).contains(dead) { return [] }
            let error = "the process died while it handled this event, \(Self.deathLimit) times: replay it once mended"
            let failed = try connection.execute(
                """
                WITH gone AS (
                    DELETE FROM tollgate.worker WHERE process = $1::bigint::integer RETURNING events
                ), suspected AS (
                    SELECT w.event_id,
                           CASE WHEN w.deaths > 0 AND cardinality(g.events) = 1 THEN w.deaths + 1
                                ELSE greatest(w.deaths, 1) END AS deaths
                    FROM gone g CROSS JOIN unnest(g.events) AS e (event_id)
                    JOIN tollgate.event_work w USING (event_id)
                    WHERE w.status = 'pending'
                ), killed AS (
                    UPDATE tollgate.event_work w
                    SET deaths = CASE WHEN s.deaths <= $2 THEN s.deaths ELSE 0 END,
                        run_at = CASE WHEN s.deaths > greatest(w.deaths, 1) THEN now() + $4::interval * (s.deaths - 1)
                                      ELSE w.run_at END,
                        status = CASE WHEN s.deaths <= $2 THEN w.status ELSE 'failed' END,
                        error = CASE WHEN s.deaths <= $2 THEN w.error ELSE $3 END,
                        attempts = CASE WHEN s.deaths <= $2 THEN w.attempts ELSE w.attempts + 1 END,
                        requested_by = CASE WHEN s.deaths <= $2 THEN w.requested_by END
                    FROM (SELECT event_id, max(deaths) AS deaths FROM suspected GROUP BY event_id) s
                    WHERE w.event_id = s.event_id AND w.status = 'pending'
                    RETURNING w.event_id, w.status, w.attempts
                ), attempt AS (
                    INSERT INTO tollgate.event_attempt (event_id, number, started_at, finished_at, outcome, message)
                    SELECT event_id, attempts, now(), greatest(now(), clock_timestamp()), 'failed', $3
                    FROM killed WHERE status = 'failed'
                )
                SELECT event_id, e.type
                FROM killed JOIN tollgate.event e ON e.id = killed.event_id
                WHERE status = 'failed'
                """,
                .value(dead),
                .value(Self.deathLimit),
                .value(error),
                .value(Self.respite)
            )
            return try failed.map { row in
                let (event, type) = try row.decode(String.self, String?.self)
                return Failed(event: event, type: type, error: error)
            }
        }
    }
}
