// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres

/// Purchases of which something lapsed, or no longer counts as lapsed, after credits had been taken back: what those took
/// may be too much or too little now. Whoever writes the ledger cannot lock purchases, because those come before accounts.
enum PurchaseRecheck {
    /// Of what else was bought, a lapse changes nothing.
    private static let mayHaveTaken: SQL = """
        (entries > 1 OR excess > 0 OR merged_into IS NOT NULL OR facts ?| '{refunds,disputes}'
         OR facts @? '$.parts.*.refunded')
        """

    /// Notes the purchases whose lots these entries change by a lapse. Their account is locked: an event that takes something
    /// back meanwhile will see the entries, or has been seen here.
    static func note(_ entries: [LedgerEntry], _ pipeline: Pipeline) {
        let lots = Set(entries.filter { $0.entry.kind == .expiry }.flatMap(\.entry.lots.keys)).sorted()
        guard !lots.isEmpty else { return }
        pipeline.execute(
            """
            INSERT INTO tollgate.purchase_recheck (purchase_id)
            SELECT id FROM tollgate.purchase
            WHERE id = ANY (\(lots)) AND \(mayHaveTaken)
            """)
    }

    /// How long what somebody else has locked is waited for, and after which time it is tried again.
    private static let (lockTimeout, pause) = (Duration.milliseconds(250), Duration.seconds(10))

    /// Rechecks the purchase that is due first, of those that nobody else is rechecking.
    /// - Returns: whether there was one.
    static func runFirst(_ connection: Connection, telling changes: Announcements, policy: Policy) throws -> Bool {
        guard
            let row = try connection.execute(
                """
                SELECT number, purchase_id FROM tollgate.purchase_recheck
                WHERE due_at <= statement_timestamp()
                ORDER BY due_at LIMIT 1
                FOR UPDATE SKIP LOCKED
                """
            ).first
        else { return false }
        let (number, object): (Int64, String) = (try row["number"], try row["purchase_id"])
        var purchases = PurchaseRows(connection)
        var accounts = AccountRows(connection, telling: changes)
        var books: Books
        do {
            try connection.pipeline { pipeline in
                pipeline.execute(Connection.lockTimeout(lockTimeout))
                pipeline.execute("SAVEPOINT recheck")
            }
            books = try purchases.lock([object])
            let opened = try accounts.lock(books.customers(concernedByRecheckOf: object), policy: policy)
            books.open(opened.values, losses: try purchases.losses(at: opened.keys))
        } catch let error as PostgresError where error.isLockTimeout {
            try connection.pipeline { pipeline in
                pipeline.execute("ROLLBACK TO SAVEPOINT recheck")
                pipeline.execute(
                    """
                    UPDATE tollgate.purchase_recheck SET due_at = clock_timestamp() + \(pause) WHERE number = \(number)
                    """)
            }
            return true
        }
        books.recheck(object, at: accounts.now, policy: policy)
        try connection.commit { pipeline in
            accounts.save(books.accounts.values, pipeline)
            purchases.save(books, pipeline)
            pipeline.execute("DELETE FROM tollgate.purchase_recheck WHERE number = \(number)")
        }
        return true
    }
}
