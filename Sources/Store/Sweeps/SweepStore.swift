// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// Stored answers that differ from what would be decided now: time has passed, or the configuration has changed.
package struct SweepStore: Sendable {
    /// Holds that have ended, among which customers are looked for: many may be of few of them.
    private static let endedLimit = 20_000
    /// After so many purchases that are locked, others have their turn.
    private static let lockedLimit = 4

    let database: Database
    let changes: Announcements

    /// Moves the stored answers that time alone has changed, and writes their lines of the timeline; and what has lapsed
    /// and which holds have ended. One instance at a
    /// time: what one is sweeping, no other sweeps.
    /// - Returns: how many accounts it moved; fewer than `limit` means that none is left.
    package func moveElapsed(atMost limit: Int, policy: Policy) async throws -> Int {
        try await database.transaction { [self] connection in
            // Mostly no account is due, and then nothing is locked.
            let isDue: Bool = try connection.execute(
                """
                SELECT EXISTS (SELECT FROM tollgate.account WHERE until <= statement_timestamp())
                    OR EXISTS (SELECT FROM tollgate.account WHERE lapses_at <= statement_timestamp())
                    OR EXISTS (SELECT FROM tollgate.hold WHERE status = 'open' AND expires_at <= statement_timestamp())
                    AS is_due
                """
            ).only["is_due"]
            guard isDue, try MaintenanceTask.sweep.begin(connection) else { return 0 }
            let elapsed = try connection.execute(
                """
                SELECT customer_id
                FROM tollgate.account
                WHERE customer_id IN (
                    (SELECT customer_id FROM tollgate.account
                     WHERE until <= statement_timestamp() ORDER BY until LIMIT \(limit))
                    UNION
                    (SELECT customer_id FROM tollgate.account
                     WHERE lapses_at <= statement_timestamp() ORDER BY lapses_at LIMIT \(limit))
                    UNION
                    (SELECT customer_id FROM tollgate.hold
                     WHERE status = 'open' AND expires_at <= statement_timestamp()
                     ORDER BY expires_at LIMIT \(Self.endedLimit)))
                LIMIT \(limit)
                FOR UPDATE SKIP LOCKED
                """)
            return try change(elapsed, connection, policy: policy) { account, now in
                account.elapse(to: now, policy: policy)
            }
        }
    }

    /// Tells of accounts whose credits alone have changed, once their pause is over.
    /// - Returns: how many; fewer than `limit` means that none is left but those that somebody else has locked, and who
    ///   is told of later.
    package func tellDue(atMost limit: Int) async throws -> Int {
        try await database.transaction { [changes] connection in
            let told: [String] = try connection.execute(
                """
                WITH due AS (
                    SELECT customer_id
                    FROM tollgate.account
                    WHERE \(FeedMark.isDue)
                    ORDER BY feed_at
                    LIMIT \(limit)
                    FOR UPDATE SKIP LOCKED
                )
                UPDATE tollgate.account a SET \(FeedMark.set)
                FROM due
                WHERE a.customer_id = due.customer_id
                RETURNING a.customer_id
                """
            ).map { try $0["customer_id"] }
            if !told.isEmpty { try connection.commit { changes.announce(told, connection, $0) } }
            return told.count
        }
    }

    /// Decides again what purchases give of which something has lapsed, or no longer counts as lapsed, since credits were
    /// taken back. Those that somebody else has locked are left for later, and a few of them end it.
    /// - Returns: how many; fewer than `limit` means that no more can be done now.
    package func recheckPurchases(atMost limit: Int, policy: Policy) async throws -> Int {
        var (done, locked) = (0, 0)
        while done < limit, locked < Self.lockedLimit {
            let outcome = try await database.transaction { [changes] connection in
                try PurchaseRecheck.runFirst(connection, telling: changes, policy: policy)
            }
            switch outcome {
            case .nothingDue: return done
            case .done: done += 1
            case .locked: locked += 1
            }
        }
        return done
    }

    /// Decides again about customers whose stored answer was decided under another configuration.
    /// - Returns: how many accounts it decided about, and whether some are left: if it decided about none, those are
    ///   locked by somebody else.
    package func reconsider(atMost limit: Int, policy: Policy) async throws -> (decided: Int, isDone: Bool) {
        try await database.transaction { [self] connection in
            // Two ranges rather than `<>`, which no index can answer.
            let isOutdated: SQL = "decided_under < \(policy.fingerprint) OR decided_under > \(policy.fingerprint)"
            let outdated = try connection.execute(
                """
                SELECT customer_id
                FROM tollgate.account
                WHERE \(isOutdated)
                ORDER BY customer_id
                LIMIT \(limit)
                FOR UPDATE SKIP LOCKED
                """)
            let decided = try change(outdated, connection, policy: policy) { account, now in
                account.reconsider(at: now, policy: policy)
            }
            let left = try connection.execute("SELECT FROM tollgate.account WHERE \(isOutdated) LIMIT 1")
            return (decided, left.count == 0)
        }
    }

    private func change(
        _ customers: Rows,
        _ connection: Connection,
        policy: Policy,
        _ body: (inout Account, Timestamp) -> Void
    ) throws -> Int {
        let customers: [String] = try customers.map { try $0["customer_id"] }
        guard !customers.isEmpty else { return 0 }
        var found = AccountRows(connection, telling: changes)
        let accounts = try found.lock(customers, policy: policy).values.map { account in
            var account = account
            body(&account, found.now)
            return account
        }
        try found.save(accounts)
        return accounts.count
    }
}
