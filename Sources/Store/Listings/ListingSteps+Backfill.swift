// SPDX-License-Identifier: Apache-2.0

import Postgres

extension ListingSteps {
    /// The next walk of the backfill that is running.
    /// - Parameter holder: this process.
    /// - Returns: nil if none is running, or another process does it.
    package func nextOfBackfill(for holder: String) async throws -> EventListing? {
        try await database.transaction { connection in
            // Taking it writes, so nobody does while there is nothing to do.
            let rows = try connection.execute(
                """
                SELECT l.*, b.is_dry_run
                FROM tollgate.backfill b
                JOIN tollgate.event_listing l ON l.backfill_id = b.id
                WHERE b.status = 'running' AND l.finished_at IS NULL
                  AND (b.holder IS NULL OR b.holder = \(holder) OR b.held_until <= clock_timestamp())
                ORDER BY l.tried_at, l.id
                LIMIT 1
                """)
            guard let row = rows.first else { return nil }
            let backfill: String? = try row["backfill_id"]
            let taken = try connection.execute(
                """
                UPDATE tollgate.backfill
                SET holder = \(holder),
                    held_until = clock_timestamp() + make_interval(secs => \(BackfillStore.holdTime.components.seconds))
                WHERE id = \(backfill) AND status = 'running'
                  AND (holder IS NULL OR holder = \(holder) OR held_until <= clock_timestamp())
                RETURNING id
                """)
            guard taken.count > 0 else { return nil }
            let listing = try EventListing(row)
            try connection.execute(Self.trying(listing))
            return listing
        }
    }

    /// Ends a backfill that cannot go on, for a reason that concerns all accounts.
    package func failBackfill(_ id: String, _ error: String) async throws {
        try await database.transaction { connection in
            _ = try connection.execute(
                """
                UPDATE tollgate.backfill
                SET status = 'failed', error = \(error), finished_at = clock_timestamp()
                WHERE id = \(id) AND status = 'running'
                """)
        }
    }

    /// Begins a walk anew whose last event Stripe no longer knows.
    package func restart(_ listing: EventListing) async throws {
        try await database.transaction { connection in
            _ = try connection.execute(
                """
                UPDATE tollgate.event_listing
                SET after_event = NULL, restarts = restarts + 1
                WHERE id = \(listing.id) AND after_event IS NOT DISTINCT FROM \(listing.after)
                """)
        }
    }
}
