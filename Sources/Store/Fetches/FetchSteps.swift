// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// The work of asking Stripe for what events point to, and for the state of what no event told.
package struct FetchSteps: Sendable {
    let database: Database
    let signal: WorkSignal

    /// Who requests what Stripe has to be asked for first.
    private static let operatorName = "tollgate"

    package enum Task: Sendable {
        case event(EventFetch)
        case refetch(RefetchTask)

        /// The event's, or that of what is asked for.
        package var id: String {
            switch self {
            case .event(let fetch): fetch.event
            case .refetch(let task): task.subject
            }
        }

        /// How often Stripe has refused to answer it.
        package var refusals: Int {
            switch self {
            case .event(let fetch): fetch.refusals
            case .refetch(let task): task.refusals
            }
        }

        /// Whether it was asked in vain the last time.
        package var hasFailed: Bool {
            switch self {
            case .event(let fetch): fetch.hasFailed
            case .refetch(let task): task.hasFailed
            }
        }
    }

    /// What is due first; what was asked in vain before comes last.
    /// - Parameters:
    ///   - holder: this process.
    ///   - running: the ids of what it is carrying out already.
    /// - Returns: nil if nothing is, or another process does it.
    package func next(for holder: String, besides running: Set<String> = []) async throws -> Task? {
        let running = running.sorted()
        return try await database.transaction { connection in
            let (events, refetches) = try connection.pipeline { pipeline in
                (
                    pipeline.execute(
                        """
                        SELECT f.event_id, f.kind, f.attempts, f.error IS NOT NULL AS has_failed, e.payload
                        FROM tollgate.event_fetch f
                        JOIN tollgate.event e ON e.id = f.event_id
                        WHERE f.run_at <= clock_timestamp() AND e.payload IS NOT NULL
                          AND f.event_id <> ALL (\(running))
                        ORDER BY f.error IS NOT NULL, f.run_at, f.event_id
                        LIMIT 1
                        """),
                    pipeline.execute(
                        """
                        SELECT \(Self.taskColumns)
                        FROM tollgate.refetch
                        WHERE run_at <= clock_timestamp() AND subject <> ALL (\(running))
                        ORDER BY error IS NOT NULL, run_at, subject
                        LIMIT 1
                        """)
                )
            }
            let (event, refetch) = (try events.rows.first, try refetches.rows.first)
            // Taking the lease writes, so nobody does while there is nothing to do.
            guard event != nil || refetch != nil, try Lease.fetches.take(for: holder, connection) else { return nil }
            if let row = event {
                return .event(
                    EventFetch(
                        event: try row["event_id"], kind: try row.word("kind"), payload: try row["payload"],
                        prices: try PriceStore.all(connection),
                        refusals: try row["attempts"], hasFailed: try row["has_failed"]))
            }
            return try refetch.map { .refetch(try Self.task($0, connection)) }
        }
    }

    /// Keeps this process at it while Stripe takes its time.
    package func keep(for holder: String) async throws -> Bool {
        try await database.transaction { try Lease.fetches.take(for: holder, $0) }
    }

    // MARK: Events

    /// One that Stripe had refused to answer is asked for again.
    static func wanting(_ kind: EventFetchKind?, for event: String) -> SQL {
        """
        INSERT INTO tollgate.event_fetch AS f (event_id, kind)
        VALUES (\(event), \(kind?.rawValue))
        ON CONFLICT (event_id) DO UPDATE SET run_at = EXCLUDED.run_at, attempts = 0
        WHERE f.lines IS NULL
        """
    }

    /// All lines of its invoice or Checkout session are here: the event is processed again.
    /// - Parameter lines: a JSON array.
    package func finish(_ fetch: EventFetch, lines: [UInt8]) async throws {
        try await database.transaction { [signal] connection in
            let standing = try EventRows.lock(fetch.event, connection)
            let transition = EventTransition.requeued(by: Self.operatorName)
            try connection.commit { pipeline in
                pipeline.execute(
                    """
                    UPDATE tollgate.event_fetch
                    SET lines = \(lines), run_at = NULL, error = NULL
                    WHERE event_id = \(fetch.event)
                    """)
                guard let standing, transition.sources.contains(standing.state),
                    standing.detail != Dismissal.detail
                else { return }
                EventRows.make([EventRows.Change(event: fetch.event, transition: transition)], in: pipeline)
            }
            signal.notify()
        }
    }

    /// What a thin event is about is here.
    /// - Parameter delivery: the event that it is the thin form of; nil if it is none.
    /// - Parameter object: the object that it is about, whose state is to be asked for.
    package func finish(
        thin fetch: EventFetch, delivery: Delivery?, object: (id: String, account: String?)?
    ) async throws {
        try await database.transaction { [signal] connection in
            let fresh = try InboxTable.insertUnknown([delivery].compactMap(\.self), in: connection)
            if !fresh.isEmpty { connection.afterCommit { signal.notify() } }
            try connection.commit { pipeline in
                pipeline.execute(
                    """
                    UPDATE tollgate.event_fetch SET run_at = NULL, error = NULL WHERE event_id = \(fetch.event)
                    """)
                if let object {
                    pipeline.execute(
                        Self.requesting([object.id], account: object.account, cause: fetch.event, operator: nil))
                }
            }
        }
    }

    /// Nothing is left to ask.
    /// - Parameter reason: why, for operators.
    package func finish(_ fetch: EventFetch, because reason: String) async throws {
        try await database.transaction { connection in
            _ = try connection.execute(Self.postponing(fetch, reason, for: nil, refusals: fetch.refusals))
        }
    }

    /// Stripe did not answer it.
    /// - Parameters:
    ///   - error: why, for operators.
    ///   - pause: until it is asked again; nil for never: then the event has failed, and its replay asks again.
    ///   - refusals: how often it has been refused by now.
    package func postpone(
        _ fetch: EventFetch, _ error: String, for pause: Duration?, refusals: Int
    ) async throws {
        try await database.transaction { connection in
            let standing = pause == nil ? try EventRows.lock(fetch.event, connection) : nil
            let transition = EventTransition.unanswered(error: error, by: Self.operatorName)
            try connection.commit { pipeline in
                pipeline.execute(Self.postponing(fetch, error, for: pause, refusals: refusals))
                // One that is pending asks again by itself.
                guard let standing, transition.sources.contains(standing.state),
                    standing.detail != Dismissal.detail
                else { return }
                EventRows.make([EventRows.Change(event: fetch.event, transition: transition)], in: pipeline)
            }
        }
    }

    private static func postponing(
        _ fetch: EventFetch, _ error: String, for pause: Duration?, refusals: Int
    ) -> SQL {
        """
        UPDATE tollgate.event_fetch
        SET attempts = \(refusals), error = \(error),
            run_at = clock_timestamp() + make_interval(secs => \(pause?.components.seconds))
        WHERE event_id = \(fetch.event) AND lines IS NULL
        """
    }
}
