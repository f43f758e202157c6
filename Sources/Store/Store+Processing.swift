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
    /// - Throws: `BatchFailure`; `PostgresError` when nothing was claimed.
    public func claim<T: Sendable>(
        atMost limit: Int,
        _ body: @Sendable @escaping (inout ClaimedBatch) throws -> T
    ) async throws -> T {
        try await processing.transaction { connection in
            var batch = try ClaimedBatch(claimingAtMost: limit, connection)
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

    /// Moves the stored answers that time alone has changed, and writes their lines of the timeline.
    /// - Returns: how many accounts it moved; fewer than `limit` means that none is left.
    public func sweepElapsed(atMost limit: Int, policy: Policy) async throws -> Int {
        try await processing.transaction { connection in
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
            let customers = try rows.map { try $0.decode(String.self) }
            guard !customers.isEmpty else { return 0 }
            var found = AccountRows(connection)
            var accounts = try found.lock(customers)
            for customer in customers { accounts[customer]?.elapse(to: found.now, policy: policy) }
            try found.save(accounts.values)
            return customers.count
        }
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
