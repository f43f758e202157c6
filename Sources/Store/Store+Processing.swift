import Billing
import Postgres
import Stripe

/// Work on claimed events that could not be committed. Nothing of it happened.
public struct BatchFailure: Error, Sendable, CustomStringConvertible {
    /// The events that were claimed.
    public let events: [String]
    public let isConnectionLoss: Bool
    /// Whether the same work may succeed later.
    public let isTransient: Bool
    public let description: String
}

extension Store {
    /// Claims pending events that are due and hands them to `body`: what it saves commits together with the end
    /// of each event.
    /// - Parameters:
    ///   - lane: whose events; suspects are anybody's.
    ///   - suspects: events that a process died of, which are handled alone, instead of the others.
    /// - Throws: `BatchFailure`; `PostgresError` when nothing was claimed.
    public func claim<T: Sendable>(
        atMost limit: Int,
        in lane: Lane = .whole,
        suspects: Bool = false,
        for worker: Roster.Worker,
        _ body: @Sendable @escaping (inout ClaimedBatch) throws -> T
    ) async throws -> T? {
        let events = try await roster.assign(atMost: limit, in: lane, suspects: suspects, to: worker)
        return events.isEmpty ? nil : try await claim(events, for: worker, body)
    }

    /// The same for certain events that this worker has taken in hand.
    public func claim<T: Sendable>(
        _ events: [String],
        for worker: Roster.Worker,
        _ body: @Sendable @escaping (inout ClaimedBatch) throws -> T
    ) async throws -> T {
        try await processing.transaction { connection in
            var batch = try ClaimedBatch(events, for: worker, connection)
            do {
                return try body(&batch)
            } catch {
                let cause = error as? PostgresError
                throw BatchFailure(
                    events: batch.entries.map(\.id),
                    isConnectionLoss: cause?.isConnectionLoss ?? false,
                    isTransient: cause?.isTransient ?? false,
                    description: "\(error)"
                )
            }
        }
    }

    /// Ends one pending event whose work PostgreSQL refused: `failed`, or due again after `retryAfter`.
    public func fail(_ event: String, error: String, retryAfter: Duration?) async throws {
        try await processing.transaction { connection in
            _ = try connection.execute(
                """
                WITH attempt AS (
                    INSERT INTO tollgate.event_attempt (event_id, number, started_at, finished_at, outcome, message,
                                                        operator)
                    SELECT event_id, attempts + 1, now(), clock_timestamp(),
                           CASE WHEN $3::interval IS NULL THEN 'failed' ELSE 'retry' END, $2, requested_by
                    FROM tollgate.event_work
                    WHERE event_id = $1 AND status = 'pending'
                )
                UPDATE tollgate.event_work
                SET status = CASE WHEN $3::interval IS NULL THEN 'failed' ELSE 'pending' END,
                    error = $2, attempts = attempts + 1, run_at = clock_timestamp() + coalesce($3, '0'),
                    requested_by = NULL
                WHERE event_id = $1 AND status = 'pending'
                """,
                .value(event),
                .value(error),
                .value(retryAfter)
            )
        }
    }

    /// Attempts made at an event so far.
    public func attempts(at event: String) async throws -> Int {
        try await processing.transaction { connection in
            let rows = try connection.execute(
                "SELECT attempts FROM tollgate.event_work WHERE event_id = $1",
                .value(event)
            )
            return try rows.first?.decode(Int.self) ?? 0
        }
    }

    /// Moves the stored answers that time alone has changed, and writes their lines of the timeline. One instance at a
    /// time: what another is sweeping, it sweeps alone.
    /// - Returns: how many accounts it moved; fewer than `limit` means that none is left.
    public func sweepElapsed(atMost limit: Int, policy: Policy) async throws -> Int {
        try await processing.transaction { connection in
            // Any number will do, as long as every tollgate takes the same.
            let turn = try connection.execute("SELECT pg_try_advisory_xact_lock(8655423)")
            let isMine: Bool = try turn.first?.decode(Bool.self) ?? false
            guard isMine else { return 0 }
            let rows = try connection.execute(
                """
                SELECT customer_id
                FROM tollgate.account
                WHERE until <= clock_timestamp()
                ORDER BY until
                LIMIT $1
                FOR UPDATE SKIP LOCKED
                """,
                .value(limit)
            )
            return try Self.change(rows, connection) { account, now in account.elapse(to: now, policy: policy) }
        }
    }

    /// Decides anew about customers whose stored answer was decided under another configuration.
    /// - Returns: how many accounts it decided about; fewer than `limit` means that none is left.
    public func reconsider(atMost limit: Int, policy: Policy) async throws -> Int {
        try await processing.transaction { connection in
            // Two ranges and not `<>`, which no index answers.
            let rows = try connection.execute(
                """
                SELECT customer_id
                FROM tollgate.account
                WHERE decided_under < $1 OR decided_under > $1
                ORDER BY customer_id
                LIMIT $2
                FOR UPDATE
                """,
                .value(policy.fingerprint),
                .value(limit)
            )
            return try Self.change(rows, connection) { account, now in account.reconsider(at: now, policy: policy) }
        }
    }

    private static func change(
        _ customers: Rows,
        _ connection: Connection,
        _ body: (inout Account, Timestamp) -> Void
    ) throws -> Int {
        let customers = try customers.map { try $0.decode(String.self) }
        guard !customers.isEmpty else { return 0 }
        var found = AccountRows(connection)
        let accounts = try found.lock(customers).values.map { account in
            var account = account
            body(&account, found.now)
            return account
        }
        try found.save(accounts)
        return accounts.count
    }

    /// Pending events, and how long the oldest of those that are due has waited.
    public func queue() async throws -> (pending: Int, oldestAge: Duration) {
        try await reads.transaction { connection in
            let rows = try connection.execute(
                """
                SELECT count(*), make_interval(secs => coalesce(extract(epoch FROM
                           clock_timestamp() - min(run_at) FILTER (WHERE run_at <= clock_timestamp())), 0)::float8)
                FROM tollgate.event_work
                WHERE status = 'pending'
                """
            )
            guard let row = rows.first else { return (0, .zero) }
            return try row.decode(Int.self, Duration.self)
        }
    }
}
