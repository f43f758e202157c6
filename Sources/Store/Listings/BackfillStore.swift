// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// Backfills, for operators to request, read and cancel.
package struct BackfillStore: Sendable {
    let database: Database

    /// How far the walk through what is new goes back behind the end of what was walked before: Stripe lists some events
    /// late.
    private static let overlap: Duration = .seconds(600)

    /// The key's own account first, whose name is empty.
    package static func accounts(besides connected: Set<String>) -> [String] { [""] + connected.sorted() }

    /// For how long a process has it between two pages.
    static let holdTime: Duration = .seconds(15)

    package enum StartResult: Sendable {
        case started(BackfillRecord)
        /// There is one already.
        case running(BackfillRecord)
        /// The span ends before it begins.
        case empty
    }

    /// Requests all events of a span of time. If the last backfill failed within the span, this one goes on from there.
    /// - Parameters:
    ///   - until: nil for now.
    ///   - accounts: whose; an empty one is that of the key itself.
    package func start(
        since: Timestamp, until: Timestamp? = nil, isDryRun: Bool = false, accounts: [String], operator name: String
    ) async throws -> StartResult {
        try await database.transaction { connection in
            // Two at the same time: the second sees the first.
            try connection.execute("LOCK TABLE tollgate.backfill IN SHARE ROW EXCLUSIVE MODE")
            if let running = try Self.find("b.status = 'running'", connection) { return .running(running) }
            let now: Timestamp = try connection.execute("SELECT clock_timestamp() AS now").only["now"]
            let until = min(until ?? now, now)
            guard since < until else { return .empty }
            let id: String = try connection.execute(
                """
                INSERT INTO tollgate.backfill (since, until, is_dry_run, operator)
                VALUES (\(since), \(until), \(isDryRun), \(name))
                RETURNING id
                """
            ).only["id"]
            try connection.execute(Self.walks(of: id, since, until, isDryRun: isDryRun, accounts))
            return .started(try BackfillRecord(connection.execute(Self.selection("b.id = \(id)")).only))
        }
    }

    /// - Returns: nil for an unknown id.
    package func find(_ id: String) async throws -> BackfillRecord? {
        try await database.transaction { try Self.find("b.id = \(id)", $0) }
    }

    /// The one that is running.
    package func running() async throws -> BackfillRecord? {
        try await database.transaction { try Self.find("b.status = 'running'", $0) }
    }

    /// The latest 20, the newest first.
    package func list() async throws -> [BackfillRecord] {
        try await database.transaction { connection in
            try connection.execute(
                """
                SELECT \(BackfillRecord.columns)
                FROM tollgate.backfill b
                ORDER BY b.created_at DESC, b.id DESC
                LIMIT 20
                """
            ).map(BackfillRecord.init)
        }
    }

    package enum CancelResult: Sendable {
        case canceled(BackfillRecord)
        case unknown
        /// It has ended.
        case over
    }

    /// Ends a backfill; what it has stored stays.
    package func cancel(_ id: String) async throws -> CancelResult {
        try await database.transaction { connection in
            let canceled = try connection.execute(
                """
                UPDATE tollgate.backfill SET status = 'canceled', finished_at = clock_timestamp()
                WHERE id = \(id) AND status = 'running'
                RETURNING id
                """)
            guard let record = try Self.find("b.id = \(id)", connection) else { return .unknown }
            return canceled.count > 0 ? .canceled(record) : .over
        }
    }

    /// Ends the running backfill of a process that has died, so that another can go on from there.
    /// - Returns: false if a process is doing it.
    package func endAbandoned() async throws -> Bool {
        try await database.transaction { connection in
            try connection.execute(
                """
                UPDATE tollgate.backfill
                SET status = 'failed', error = 'the process that did it has ended', finished_at = clock_timestamp()
                WHERE status = 'running'
                  AND coalesce(held_until, created_at + make_interval(secs => \(Self.holdTime.components.seconds)))
                      <= clock_timestamp()
                RETURNING id
                """
            ).count > 0
        }
    }

    private static func find(_ condition: SQL, _ connection: Connection) throws -> BackfillRecord? {
        try connection.execute(selection(condition)).first.map(BackfillRecord.init)
    }

    private static func selection(_ condition: SQL) -> SQL {
        "SELECT \(BackfillRecord.columns) FROM tollgate.backfill b WHERE \(condition)"
    }

    /// The walks of a new backfill: what the last one had not walked of the span before it failed, and then what is newer.
    /// Of an account that it did not walk, all of it.
    private static func walks(
        of id: String, _ since: Timestamp, _ until: Timestamp, isDryRun: Bool, _ accounts: [String]
    ) -> SQL {
        """
        WITH last AS (
            SELECT id, until
            FROM (SELECT * FROM tollgate.backfill WHERE id <> \(id) ORDER BY created_at DESC, id DESC LIMIT 1) b
            WHERE status = 'failed' AND NOT is_dry_run AND NOT \(isDryRun)
              AND since <= \(since) AND until > \(since) AND until <= \(until)
        ), walked AS (
            SELECT l.account, l.until, l.after_event, l.finished_at IS NOT NULL AND l.error IS NULL AS is_done
            FROM tollgate.event_listing l
            JOIN last ON last.id = l.backfill_id
            WHERE l.account = ANY (\(accounts)) AND l.until > \(since)
        ), rest AS (
            SELECT account, \(since)::timestamptz AS since, until, after_event FROM walked WHERE NOT is_done
            UNION ALL
            SELECT DISTINCT account,
                   greatest(last.until - make_interval(secs => \(overlap.components.seconds)), \(since)), \(until), NULL
            FROM walked, last
            UNION ALL
            SELECT account, \(since), \(until), NULL
            FROM unnest(\(accounts)) AS a (account)
            WHERE account NOT IN (SELECT account FROM walked)
        )
        INSERT INTO tollgate.event_listing (backfill_id, account, since, until, after_event)
        SELECT \(id), account, since, until, after_event FROM rest WHERE since < until ORDER BY account, until
        """
    }
}
