// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres

/// Purchases of which something lapsed, or no longer counts as lapsed, after credits had been taken back: what those took
/// may be too much or too little now. Whoever writes the ledger cannot lock purchases, because those come before accounts.
enum PurchaseRecheck {
    /// Of what else was bought, a lapse changes nothing.
    private static let mayHaveTaken: SQL = """
        (p.entries > 1 OR p.excess > 0 OR p.merged_into IS NOT NULL OR p.facts ?| '{refunds,disputes}'
         OR p.facts @? '$.parts.*.refunded')
        """

    /// Notes the purchases whose lots these entries change by a lapse. Their account is locked: an event that takes something
    /// back meanwhile will see the entries, or has been seen here.
    static func note(_ entries: [LedgerEntry], _ pipeline: Pipeline) {
        let lapses = entries.filter { $0.entry.kind == .expiry }.flatMap { entry in
            entry.entry.lots.keys.map { Lapse(customer: entry.customer, lot: $0) }
        }
        guard !lapses.isEmpty else { return }
        pipeline.execute(
            """
            INSERT INTO tollgate.purchase_recheck (purchase_id, customer_id)
            SELECT DISTINCT p.id, n.customer_id
            FROM \(Lapse.rows.table(lapses)) JOIN tollgate.purchase p ON p.id = n.lot
            WHERE \(mayHaveTaken)
            ON CONFLICT DO NOTHING
            """)
    }

    private struct Lapse {
        let customer: String
        let lot: String

        static let rows = Unnest<Lapse> {
            Column("customer_id", \.customer)
            Column("lot", \.lot)
        }
    }

    enum Outcome: Sendable {
        case nothingDue
        case done
        /// Somebody else has it locked: it is due again later.
        case locked
    }

    /// How long what somebody else has locked is waited for, and after which time it is tried again.
    private static let (lockTimeout, pause) = (Duration.milliseconds(50), Duration.seconds(10))

    /// Rechecks the purchase that is due first, of those that nobody else is rechecking.
    static func runFirst(_ connection: Connection, telling changes: Announcements, policy: Policy) throws -> Outcome {
        guard
            let row = try connection.execute(
                """
                SELECT purchase_id, customer_id FROM tollgate.purchase_recheck
                WHERE due_at <= statement_timestamp()
                ORDER BY due_at LIMIT 1
                FOR UPDATE SKIP LOCKED
                """
            ).first
        else { return .nothingDue }
        let (object, customer): (String, String) = (try row["purchase_id"], try row["customer_id"])
        var purchases = PurchaseRows(connection)
        var accounts = AccountRows(connection, telling: changes)
        var books: Books
        do {
            try connection.pipeline { pipeline in
                pipeline.execute(Connection.lockTimeout(lockTimeout))
                pipeline.execute("SAVEPOINT recheck")
            }
            books = try purchases.lock([object])
            let opened = try accounts.lock(books.customers(concernedBy: object, and: customer), policy: policy)
            books.open(opened.values, losses: try purchases.losses(at: opened.keys))
        } catch let error as PostgresError where error.isLockTimeout {
            try connection.pipeline { pipeline in
                pipeline.execute("ROLLBACK TO SAVEPOINT recheck")
                // Mostly it is the customer's account, and then the others of the same would wait in vain too.
                pipeline.execute(
                    """
                    UPDATE tollgate.purchase_recheck SET due_at = clock_timestamp() + \(pause)
                    WHERE (customer_id, purchase_id) IN (
                        SELECT customer_id, purchase_id FROM tollgate.purchase_recheck
                        WHERE customer_id = \(customer)
                        FOR UPDATE SKIP LOCKED)
                    """)
            }
            return .locked
        }
        books.recheck(object, of: customer, at: accounts.now, policy: policy)
        try connection.commit { pipeline in
            accounts.save(books.accounts.values, pipeline)
            purchases.save(books, pipeline)
            pipeline.execute(
                """
                DELETE FROM tollgate.purchase_recheck WHERE customer_id = \(customer) AND purchase_id = \(object)
                """)
        }
        return .done
    }
}
