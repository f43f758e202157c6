import Billing
import Notation
import Postgres
import Stripe

/// Work on claimed events that could not be committed. Nothing of it happened.
package struct BatchFailure: Error, Sendable, CustomStringConvertible {
    /// An event that was claimed.
    package struct Event: Sendable, Hashable {
        package let id: String
        package let type: String?
        /// Of its customer, as lanes go by it.
        package let customerHash: Int
    }

    package let events: [Event]
    package let blame: Blame
    package let description: String
    /// Where somebody else holds what they need: what that is.
    let lockedOut: LockedOut?

    init(_ entries: [ClaimedBatch.Entry], _ error: any Error) {
        events = entries.map { Event(id: $0.id, type: $0.type, customerHash: $0.customerHash) }
        lockedOut = error as? LockedOut
        let cause = lockedOut?.cause ?? error
        blame = Blame(of: cause)
        description = "\(cause)"
    }
}

extension Store {
    /// For how long a customer's events are left alone whose rows somebody else holds: short enough to be soon, and long
    /// enough that those who try again and wait in vain cost the others little.
    private static let lockedOutPause: Duration = .milliseconds(750)

    /// Claims pending events that are due and hands them to `body`: what it saves commits together with the end
    /// of each event. Those whose customers' rows somebody else holds are left out, and are due again within a second.
    /// - Parameters:
    ///   - lane: whose events; suspects are anybody's.
    ///   - suspects: events that one to so many processes died of, which are handled alone, instead of the others.
    /// - Returns: nil where there is nothing to do.
    /// - Throws: `BatchFailure`; `PostgresError` when nothing was claimed.
    package func claim<T: Sendable>(
        atMost limit: Int,
        in lane: Lane = .whole,
        suspects: Int? = nil,
        for worker: Roster.Worker,
        _ body: @Sendable @escaping (inout ClaimedBatch) throws -> T
    ) async throws -> T? {
        // Where all that is due first is held by somebody else, what comes after it is taken.
        for _ in 0..<4 {
            var events = try await roster.assign(
                atMost: limit, in: lane, suspects: suspects, besides: aside.hashes(), to: worker)
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
            try await roster.release(worker)
        }
        return nil
    }

    /// The same for certain events that this worker has taken in hand.
    /// - Parameter isFull: whether there may be more of them.
    package func claim<T: Sendable>(
        _ events: [String],
        isFull: Bool = false,
        for worker: Roster.Worker,
        _ body: @Sendable @escaping (inout ClaimedBatch) throws -> T
    ) async throws -> T {
        try await processing.transaction { [accessChanges] connection in
            var batch = try ClaimedBatch(
                events, isFull: isFull, for: worker, telling: accessChanges, connection)
            do {
                return try body(&batch)
            } catch {
                throw BatchFailure(batch.entries, error)
            }
        }
    }

    /// Has the workers of this process leave the customers of these events alone for a moment.
    package func leaveAlone(_ events: [BatchFailure.Event], because failure: BatchFailure) {
        guard !events.isEmpty else { return }
        aside.put(events.map(\.customerHash), for: Self.lockedOutPause)
        outages.failed(.locks, .locks, failure.description, count: events.count)
    }

    /// Ends one pending event that PostgreSQL refuses to store.
    package func fail(_ event: String, error: String) async throws {
        try await processing.transaction { connection in
            _ = try connection.execute(
                """
                WITH attempt AS (
                    INSERT INTO tollgate.event_attempt (event_id, number, started_at, finished_at, outcome, message,
                                                        operator)
                    SELECT event_id, attempts + 1, now(), greatest(now(), clock_timestamp()), 'failed', $2, requested_by
                    FROM tollgate.event_work
                    WHERE event_id = $1 AND status = 'pending'
                )
                UPDATE tollgate.event_work
                SET status = 'failed', error = $2, attempts = attempts + 1, requested_by = NULL
                WHERE event_id = $1 AND status = 'pending'
                """,
                .value(event),
                .value(error)
            )
        }
    }

    /// Moves the stored answers that time alone has changed, and writes their lines of the timeline. One instance at a
    /// time: what another is sweeping, it sweeps alone.
    /// - Returns: how many accounts it moved; fewer than `limit` means that none is left.
    package func sweepElapsed(atMost limit: Int, policy: Policy) async throws -> Int {
        try await processing.transaction { [self] connection in
            // Mostly nobody's time has come, and then nothing is locked.
            let due = try connection.execute(
                "SELECT EXISTS (SELECT FROM tollgate.account WHERE until <= clock_timestamp())")
            guard try due.first?.decode(Bool.self) ?? false, try MaintenanceTask.sweep.begin(connection) else {
                return 0
            }
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
            return try change(rows, connection) { account, now in account.elapse(to: now, policy: policy) }
        }
    }

    /// Decides anew about customers whose stored answer was decided under another configuration.
    /// - Returns: how many accounts it decided about, and whether some are left: where it decided about none, those are
    ///   held by somebody else.
    package func reconsider(atMost limit: Int, policy: Policy) async throws -> (decided: Int, isDone: Bool) {
        try await processing.transaction { [self] connection in
            // Two ranges and not `<>`, which no index answers.
            let rows = try connection.execute(
                """
                SELECT customer_id
                FROM tollgate.account
                WHERE decided_under < $1 OR decided_under > $1
                ORDER BY customer_id
                LIMIT $2
                FOR UPDATE SKIP LOCKED
                """,
                .value(policy.fingerprint),
                .value(limit)
            )
            let decided = try change(rows, connection) { account, now in
                account.reconsider(at: now, policy: policy)
            }
            let left = try connection.execute(
                "SELECT true FROM tollgate.account WHERE decided_under < $1 OR decided_under > $1 LIMIT 1",
                .value(policy.fingerprint))
            return (decided, left.count == 0)
        }
    }

    private func change(
        _ customers: Rows,
        _ connection: Connection,
        _ body: (inout Account, Timestamp) -> Void
    ) throws -> Int {
        let customers = try customers.map { try $0.decode(String.self) }
        guard !customers.isEmpty else { return 0 }
        var found = AccountRows(connection, telling: accessChanges)
        let accounts = try found.lock(customers).values.map { account in
            var account = account
            body(&account, found.now)
            return account
        }
        try found.save(accounts)
        return accounts.count
    }

    /// Pending events, and how long the oldest of those that are due has waited.
    package func queue() async throws -> (pending: Int, oldestAge: Duration) {
        try await figures.transaction { connection in
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
