// SPDX-License-Identifier: Apache-2.0

import Logging
import Postgres

/// The work of backfills and of the reconciliation: what a page of Stripe's list brought becomes durable together with
/// how far the walk is, so it can stop anywhere and go on from there.
package struct ListingSteps: Sendable {
    let database: Database
    let inbox: Inbox
    let signal: WorkSignal

    /// A name for this process.
    package static func newHolder() -> String { "\(UInt64.random(in: 0 ... .max))" }

    /// What a page brought.
    package struct Recorded: Sendable, Hashable {
        /// The events that were not in the inbox. After a dry run they still are not.
        package let missing: [String]
        package let isFinished: Bool
    }

    /// - Returns: nil if the walk has gone on without this page, or was ended.
    package func record(_ page: ListedPage, of listing: EventListing) async throws -> Recorded? {
        do {
            return try await database.transaction { [signal] connection in
                try Self.record(page, of: listing, signal, connection) {
                    try InboxTable.insertUnknown(page.deliveries, in: connection)
                }
            }
        } catch let error as PostgresError where error.isDataError {
            // One value that PostgreSQL rejects takes the whole page with it: then its events are stored alone, first.
            let results = try await inbox.insert(page.deliveries)
            let fresh = Set(zip(page.deliveries, results).filter { $1 == .stored }.map(\.0.id))
            for (delivery, result) in zip(page.deliveries, results) {
                if case .refused(let reason) = result { inbox.report(refused: delivery, reason) }
            }
            return try await database.transaction { [signal] connection in
                try Self.record(page, of: listing, signal, connection) { fresh }
            }
        }
    }

    /// Ends the walk through an account of which Stripe lists nothing: a backfill's others go on.
    /// - Parameter error: why, for operators.
    package func fail(_ listing: EventListing, _ error: String) async throws {
        try await database.transaction { connection in
            let account = listing.account ?? ""
            switch listing.purpose {
            case .backfill(let id, _):
                guard try Self.lock(id, connection) else { return }
                try connection.commit { pipeline in
                    pipeline.execute(
                        """
                        UPDATE tollgate.event_listing
                        SET finished_at = clock_timestamp(), error = \(error)
                        WHERE backfill_id = \(id) AND account = \(account) AND finished_at IS NULL
                        """)
                    pipeline.execute(Self.finishing(id))
                }
            case .reconciliation:
                try connection.commit { pipeline in
                    pipeline.execute("DELETE FROM tollgate.event_listing WHERE id = \(listing.id)")
                    pipeline.execute(
                        """
                        INSERT INTO tollgate.reconciliation (account, failed_at, error)
                        VALUES (\(account), clock_timestamp(), \(error))
                        ON CONFLICT (account) DO UPDATE SET failed_at = EXCLUDED.failed_at, error = EXCLUDED.error
                        """)
                }
            }
        }
    }

    /// - Parameter store: stores the page's events, unless they are stored already.
    private static func record(
        _ page: ListedPage, of listing: EventListing, _ signal: WorkSignal, _ connection: Connection,
        _ store: () throws -> Set<String>
    ) throws -> Recorded? {
        var isDryRun = false
        if case .backfill(let id, let isDry) = listing.purpose {
            isDryRun = isDry
            guard try lock(id, connection) else { return nil }
        }
        let isCurrent =
            try connection.execute(
                """
                SELECT FROM tollgate.event_listing
                WHERE id = \(listing.id) AND finished_at IS NULL AND after_event IS NOT DISTINCT FROM \(listing.after)
                FOR UPDATE
                """
            ).count > 0
        guard isCurrent else { return nil }
        let missing = isDryRun ? try unknown(page.deliveries, connection) : try store()
        if !isDryRun, !missing.isEmpty { connection.afterCommit { signal.notify() } }
        try connection.commit { pipeline in
            switch listing.purpose {
            case .backfill(let id, _):
                pipeline.execute(advancing(listing, to: page))
                for statement in counting(page, missing: missing, of: id, isDryRun: isDryRun) {
                    pipeline.execute(statement)
                }
                pipeline.execute(finishing(id))
            case .reconciliation:
                pipeline.execute(
                    """
                    INSERT INTO tollgate.missed_event (event_id)
                    SELECT * FROM unnest(\(missing.sorted()))
                    ON CONFLICT DO NOTHING
                    """)
                for statement in going(on: listing, after: page) { pipeline.execute(statement) }
            }
        }
        return Recorded(missing: missing.sorted(), isFinished: isLast(page, of: listing))
    }

    /// - Returns: whether a backfill is still running; nobody ends it before the end of the transaction.
    static func lock(_ backfill: String, _ connection: Connection) throws -> Bool {
        try connection.execute(
            "SELECT FROM tollgate.backfill WHERE id = \(backfill) AND status = 'running' FOR UPDATE"
        ).count > 0
    }

    private static func unknown(_ deliveries: [Delivery], _ connection: Connection) throws -> Set<String> {
        let ids = Set(deliveries.map(\.id))
        let known = try connection.execute("SELECT id FROM tollgate.event WHERE id = ANY (\(ids.sorted()))")
        return ids.subtracting(try known.map { row -> String in try row["id"] })
    }

    static func advancing(_ listing: EventListing, to page: ListedPage) -> SQL {
        """
        UPDATE tollgate.event_listing
        SET pages = pages + 1, after_event = coalesce(\(page.next), after_event),
            until = least(until, \(page.settled)),
            finished_at = CASE WHEN \(!page.hasMore) THEN clock_timestamp() END
        WHERE id = \(listing.id)
        """
    }

    private static func counting(
        _ page: ListedPage, missing: Set<String>, of backfill: String, isDryRun: Bool
    ) -> [SQL] {
        var types: [String: (listed: Int, missing: Int)] = [:]
        var counted: Set<String> = []
        for delivery in page.deliveries {
            let isMissing = missing.contains(delivery.id) && counted.insert(delivery.id).inserted
            types[delivery.event?.type ?? "", default: (0, 0)].listed += 1
            types[delivery.event?.type ?? ""]?.missing += isMissing ? 1 : 0
        }
        let sorted = types.sorted { $0.key < $1.key }
        let known = page.deliveries.count - missing.count
        return [
            """
            UPDATE tollgate.backfill
            SET listed = listed + \(page.deliveries.count), known = known + \(known),
                stored = stored + \(isDryRun ? 0 : missing.count)
            WHERE id = \(backfill)
            """,
            """
            INSERT INTO tollgate.backfill_type AS t (backfill_id, type, listed, missing)
            SELECT \(backfill), * FROM unnest(\(sorted.map(\.key)), \(sorted.map(\.value.listed)),
                                              \(sorted.map(\.value.missing)))
            ON CONFLICT (backfill_id, type)
            DO UPDATE SET listed = t.listed + EXCLUDED.listed, missing = t.missing + EXCLUDED.missing
            """,
        ]
    }

    /// The next turn is another account's.
    static func trying(_ listing: EventListing) -> SQL {
        "UPDATE tollgate.event_listing SET tried_at = clock_timestamp() WHERE id = \(listing.id)"
    }

    /// Ends a backfill of which every walk has ended.
    static func finishing(_ backfill: String) -> SQL {
        """
        UPDATE tollgate.backfill
        SET status = CASE WHEN failed.error IS NULL THEN 'done' ELSE 'failed' END, error = failed.error,
            finished_at = clock_timestamp()
        FROM (
            SELECT string_agg(DISTINCT coalesce(nullif(account, '') || ': ', '') || error, '; ') AS error
            FROM tollgate.event_listing
            WHERE backfill_id = \(backfill)
        ) failed
        WHERE id = \(backfill) AND status = 'running'
          AND NOT EXISTS (SELECT FROM tollgate.event_listing WHERE backfill_id = \(backfill) AND finished_at IS NULL)
        """
    }
}
