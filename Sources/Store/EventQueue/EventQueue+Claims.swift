// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// How the next events are picked: here and nowhere else. A worker first records, in its own commit, which events it
/// takes, so that after the death of its process it is known what that died of. Then it locks the rows, in the
/// transaction that will save their effects: that lock is the claim, and vanishes with the connection.
extension EventQueue {
    /// How long to leave a customer's events alone if somebody else holds the rows: short enough to retry soon, and
    /// long enough that retries that wait in vain cost the others little.
    static let lockedOutPause: Duration = .milliseconds(750)

    /// A batch ends with the event that makes it this large, in payload bytes: decoded, they take many times as much.
    static let sizeLimit = 8 << 20

    /// Claims pending events that are due and hands them to `body`: what it completes commits together with the end of
    /// each event. Events whose customers' rows somebody else holds are left out, and are due again within a second.
    /// - Parameters:
    ///   - partition: whose events; suspects may be taken by any worker.
    ///   - suspects: takes suspects that at most this many processes died of, handled alone, instead of the others.
    /// - Returns: nil if there is nothing to do.
    /// - Throws: `BatchFailure`; `WorkerRegistry.Deregistered`; `PostgresError` when nothing was claimed.
    package func claim<T: Sendable>(
        atMost limit: Int,
        in partition: Partition = .whole,
        suspects: Int? = nil,
        for worker: WorkerRegistry.Worker,
        _ body: @Sendable @escaping (inout ClaimedBatch) throws -> T
    ) async throws -> T? {
        // If somebody else holds everything that is due first, what comes after it is taken.
        for _ in 0..<4 {
            var events = try await pick(atMost: limit, in: partition, suspects: suspects, for: worker)
            if events.isEmpty { return nil }
            let isFull = events.count == limit
            var failures = 0
            while !events.isEmpty {
                do {
                    return try await claim(events, isFull: isFull, for: worker, body)
                } catch let failure as BatchFailure where failures < 3 {
                    guard let lockedOut = failure.lockedOut else { throw failure }
                    failures += 1
                    let locked = try await processing.transaction { connection in try lockedOut.events(connection) }
                    leaveAlone(failure.events.filter { locked.contains($0.id) }, because: failure)
                    events.removeAll { locked.contains($0) }
                }
            }
            try await release(worker)
        }
        return nil
    }

    /// The same for given events that this worker has taken.
    /// - Parameter isFull: whether there may be more of them.
    package func claim<T: Sendable>(
        _ events: [String],
        isFull: Bool = false,
        for worker: WorkerRegistry.Worker,
        _ body: @Sendable @escaping (inout ClaimedBatch) throws -> T
    ) async throws -> T {
        try await processing.transaction { [changes] connection in
            var batch = try Self.lock(events, isFull: isFull, for: worker, telling: changes, connection)
            do {
                let value = try body(&batch)
                try batch.save()
                return value
            } catch {
                throw BatchFailure(batch.events, error)
            }
        }
    }

    /// Takes those of the events that are still pending and that nobody else holds. From here on the transaction waits
    /// only a moment for what others hold: two that meet are done within milliseconds, and a longer holder delays no
    /// more than it has to.
    private static func lock(
        _ events: [String],
        isFull: Bool,
        for worker: WorkerRegistry.Worker,
        telling changes: Announcements,
        _ connection: Connection
    ) throws -> ClaimedBatch {
        let (held, listed) = try connection.pipeline { pipeline in
            // Everything that operators have listed: what the events name is known only once they are read.
            (pipeline.execute(lock(events)), pipeline.execute(PriceStore.selection))
        }
        let prices = try PriceStore.prices(listed.rows)
        var claimed: [ClaimedEvent] = []
        var startedAt = Timestamp(microseconds: 0)
        var waited: Duration = .zero
        var count = 0
        for row in try held.rows {
            claimed.append(
                ClaimedEvent(
                    id: try row["event_id"], payload: try row["payload"], type: try row["type"],
                    lines: try row["lines"],
                    customerHash: try row["customer_hash"]))
            guard claimed.count == 1 else { continue }
            let due: Timestamp = try row["run_at"]
            startedAt = try row["at"]
            waited = max(.zero, .microseconds(startedAt.microseconds - due.microseconds))
            count = try row["count"]
        }
        return ClaimedBatch(
            claimed, prices: prices, waited: waited, leavesMore: isFull || count > claimed.count,
            startedAt: startedAt, worker: worker, telling: changes, connection)
    }

    private static func lock(_ events: [String]) -> SQL {
        // A payload is read from its TOAST table only within the limit; its size is stored beside the reference.
        """
        WITH held AS MATERIALIZED (
            SELECT w.event_id, w.run_at, w.attempts, w.customer_hash, e.type, e.payload,
                   coalesce(octet_length(e.payload), 0) AS size
            FROM tollgate.event_work w
            JOIN tollgate.event e ON e.id = w.event_id
            WHERE w.event_id = ANY (\(events)) AND w.status = 'pending' AND (w.crashes = 0 OR w.run_at <= now())
            ORDER BY w.run_at, w.event_id
            FOR UPDATE OF w SKIP LOCKED
        ), measured AS (
            SELECT *, count(*) OVER () AS count, sum(size) OVER (ORDER BY run_at, event_id) - size AS before
            FROM held
        ), brief AS MATERIALIZED (
            SELECT set_config('lock_timeout', '100ms', true)
        )
        SELECT event_id, payload, type, customer_hash, run_at, clock_timestamp() AS at, count,
               -- Nothing was asked of Stripe for an event that was never handled.
               CASE WHEN attempts > 0
                    THEN (SELECT f.lines FROM tollgate.event_fetch f WHERE f.event_id = measured.event_id) END AS lines
        FROM measured CROSS JOIN brief
        WHERE before < \(sizeLimit)
        ORDER BY run_at, event_id
        """
    }

    /// Chooses events that are due, and records that this worker takes them. They are not locked yet.
    private func pick(
        atMost limit: Int,
        in partition: Partition,
        suspects: Int?,
        for worker: WorkerRegistry.Worker
    ) async throws -> [String] {
        let others = aside.hashes()
        return try await registry.session { [floor] run in
            if let suspects { return try Self.noted(run(Self.suspects(suspects, limit, others, worker))) }
            func due(from start: Timestamp) throws -> [String] {
                try Self.noted(run(Self.due(limit, partition, from: start, others, worker)))
            }
            let began = ContinuousClock.now
            switch floor.step(at: began) {
            case .claim(let start):
                return try due(from: start)
            case .search:
                // Since when the oldest pending event has been due, and the time before this lookup.
                let row = try run(
                    """
                    SELECT min(run_at) AS oldest, now() AS now
                    FROM tollgate.event_work
                    WHERE status = 'pending' AND crashes = 0
                    """
                ).only
                let (oldest, now): (Timestamp?, Timestamp) = (try row["oldest"], try row["now"])
                floor.found(oldest, databaseTime: now, began: began)
                return try due(from: min(oldest ?? now, now - ClaimFloor.overlap))
            case .claimAll:
                // No event is older.
                let events = try due(from: Timestamp(microseconds: 0))
                floor.claimed(since: began)
                return events
            }
        }
    }

    /// Whatever its time of receipt: after the database's clock was set back, that may be in the future.
    private static func due(
        _ limit: Int,
        _ partition: Partition,
        from start: Timestamp,
        _ others: [Int],
        _ worker: WorkerRegistry.Worker
    ) -> SQL {
        taking(
            """
            SELECT w.event_id
            FROM tollgate.event_work w
            WHERE w.status = 'pending' AND w.crashes = 0 AND w.run_at >= \(start)
              AND w.customer_hash % \(partition.count) = \(partition.number)
              AND w.customer_hash <> ALL (\(others)) AND \(isFree(worker))
            ORDER BY w.run_at, w.event_id
            LIMIT \(limit)
            FOR UPDATE OF w SKIP LOCKED
            """, worker)
    }

    /// A whole statement again, not a parameter of the other: each has its own partial index.
    private static func suspects(
        _ crashes: Int,
        _ limit: Int,
        _ others: [Int],
        _ worker: WorkerRegistry.Worker
    ) -> SQL {
        taking(
            """
            SELECT w.event_id
            FROM tollgate.event_work w
            WHERE w.status = 'pending' AND w.crashes BETWEEN 1 AND \(crashes) AND w.run_at <= now()
              AND w.customer_hash <> ALL (\(others)) AND \(isFree(worker))
            ORDER BY w.crashes, w.run_at, w.event_id
            LIMIT \(limit)
            FOR UPDATE OF w SKIP LOCKED
            """, worker)
    }

    /// Events that another worker has taken are left to it for a minute; after that, any worker may take them.
    private static func isFree(_ worker: WorkerRegistry.Worker) -> SQL {
        """
        w.event_id NOT IN (SELECT unnest(o.events) FROM tollgate.worker o
                           WHERE o.id <> \(worker.id) AND o.claimed_at > now() - interval '1 minute')
        """
    }

    private static func taking(_ due: SQL, _ worker: WorkerRegistry.Worker) -> SQL {
        """
        WITH due AS (
        \(due)
        ), noted AS (
            UPDATE tollgate.worker
            SET events = (SELECT array_agg(event_id) FROM due), claimed_at = clock_timestamp()
            WHERE id = \(worker.id) AND EXISTS (SELECT FROM due)
            RETURNING id
        )
        SELECT event_id, EXISTS (SELECT FROM noted) AS is_noted FROM due
        """
    }

    private static func noted(_ rows: Rows) throws -> [String] {
        try rows.map { row in
            let isNoted: Bool = try row["is_noted"]
            guard isNoted else { throw WorkerRegistry.Deregistered() }
            return try row["event_id"]
        }
    }
}
