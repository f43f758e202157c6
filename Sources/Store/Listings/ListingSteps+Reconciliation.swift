// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

extension ListingSteps {
    /// How far back the first walk through an account goes.
    private static let first: Duration = .seconds(24 * 3600)
    /// How far each goes back behind the end of the last: Stripe lists some events late.
    private static let overlap: Duration = .seconds(600)
    /// What is younger may still be on its way to us.
    package static let grace: Duration = .seconds(60)
    /// Stripe lists nothing that is older.
    private static let kept: Duration = .seconds(30 * 86_400)

    /// The next walk of the reconciliation, if it is time for one.
    /// - Parameters:
    ///   - accounts: all that are compared; an empty one is that of the key itself.
    ///   - interval: between the end of one walk through an account and the beginning of the next.
    ///   - holder: this process.
    /// - Returns: nil if there is nothing to do, or another process does it.
    package func nextOfReconciliation(
        of accounts: [String], every interval: Duration, for holder: String
    ) async throws -> EventListing? {
        try await database.transaction { connection in
            guard try connection.execute(Self.pending(accounts, interval)).only["is_pending"],
                try Lease.reconciliation.take(for: holder, connection)
            else { return nil }
            let rows = try connection.pipeline { pipeline in
                pipeline.execute(Self.beginning(accounts, interval))
                return pipeline.execute(
                    """
                    SELECT l.*, NULL::boolean AS is_dry_run
                    FROM tollgate.event_listing l
                    WHERE l.backfill_id IS NULL AND l.account = ANY (\(accounts))
                    ORDER BY l.tried_at, l.id
                    LIMIT 1
                    """)
            }.rows
            guard let listing = try rows.first.map(EventListing.init) else { return nil }
            try connection.execute(Self.trying(listing))
            return listing
        }
    }

    /// An account whose walk it is time for, by the name `due`.
    private static func due(_ accounts: [String], _ interval: Duration) -> SQL {
        """
        SELECT a.account, r.covered_until
        FROM unnest(\(accounts)) AS a (account)
        LEFT JOIN tollgate.reconciliation r USING (account)
        WHERE coalesce(greatest(r.succeeded_at, r.failed_at), '-infinity')
              <= clock_timestamp() - make_interval(secs => \(interval.components.seconds))
           -- PostgreSQL's clock was ahead then.
           OR greatest(r.succeeded_at, r.failed_at) > clock_timestamp() + interval '1 minute'
        """
    }

    private static func pending(_ accounts: [String], _ interval: Duration) -> SQL {
        """
        SELECT EXISTS (SELECT FROM tollgate.event_listing WHERE backfill_id IS NULL AND account = ANY (\(accounts)))
               OR EXISTS (\(due(accounts, interval))) AS is_pending
        """
    }

    /// How the walk goes on after a page, which is committed with it.
    static func going(on listing: EventListing, after page: ListedPage) -> [SQL] {
        if let settled = page.settled, settled <= listing.since {
            // PostgreSQL's clock is ahead of Stripe's: nothing of that window has happened.
            return [
                """
                UPDATE tollgate.event_listing
                SET since = \(settled - first - overlap), until = \(settled), after_event = NULL, pages = pages + 1
                WHERE id = \(listing.id)
                """
            ]
        }
        return page.hasMore ? [advancing(listing, to: page)] : covering(listing, until: page.settled)
    }

    /// Whether that was the walk's last page.
    static func isLast(_ page: ListedPage, of listing: EventListing) -> Bool {
        !page.hasMore && page.settled.map { $0 > listing.since } ?? true
    }

    private static func covering(_ listing: EventListing, until settled: Timestamp?) -> [SQL] {
        [
            "DELETE FROM tollgate.event_listing WHERE id = \(listing.id)",
            """
            INSERT INTO tollgate.reconciliation (account, covered_until, succeeded_at)
            VALUES (\(listing.account ?? ""), least(\(listing.until)::timestamptz, \(settled)), clock_timestamp())
            ON CONFLICT (account)
            DO UPDATE SET covered_until = EXCLUDED.covered_until, succeeded_at = EXCLUDED.succeeded_at,
                          failed_at = NULL, error = NULL
            """,
        ]
    }

    private static func beginning(_ accounts: [String], _ interval: Duration) -> SQL {
        """
        WITH due AS (
            \(due(accounts, interval))
        ), moment AS (
            SELECT clock_timestamp() - make_interval(secs => \(grace.components.seconds)) AS until
        )
        INSERT INTO tollgate.event_listing (account, since, until)
        SELECT account,
               -- Covered until later than now: a clock was wrong, and nobody knows what was seen while it was.
               greatest(coalesce(CASE WHEN covered_until <= until THEN covered_until END,
                                 until - make_interval(secs => \(first.components.seconds)))
                            - make_interval(secs => \(overlap.components.seconds)),
                        until - make_interval(secs => \(kept.components.seconds))),
               until
        FROM due, moment
        ON CONFLICT (account) WHERE backfill_id IS NULL DO NOTHING
        """
    }
}
