// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// The accounts of one transaction: locked in the order of their ids, loaded, and saved if they changed.
struct AccountRows {
    let connection: Connection
    let changes: Announcements
    private(set) var loaded: [String: Account] = [:]
    /// The database's clock once all locks are held, so that no account ever sees time go backwards.
    private(set) var now = Timestamp(microseconds: 0)

    /// - Parameter changes: told whose answer or balance has changed, once that is committed.
    init(_ connection: Connection, telling changes: Announcements) {
        self.connection = connection
        self.changes = changes
    }

    /// Locks and loads accounts, and creates them for customers that have none. What is due by time alone is done.
    /// - Parameter invoices: ids to load besides the failed ones.
    mutating func lock(
        _ customers: some Sequence<String>,
        invoices: [String] = [],
        policy: Policy
    ) throws -> [String: Account] {
        let ids = Array(Set(customers)).sorted()
        let (locked, subscriptions, named, clock) = try connection.pipeline { pipeline in
            pipeline.execute(
                """
                INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
                SELECT customer_id, false, 'no_subscription', now(), 0
                FROM unnest(\(ids)) AS a (customer_id)
                ORDER BY customer_id COLLATE "C"
                ON CONFLICT (customer_id) DO NOTHING
                """)
            return (
                pipeline.execute(
                    """
                    SELECT \(StoredAccount.columns)
                    FROM tollgate.account
                    WHERE customer_id = ANY (\(ids))
                    ORDER BY customer_id
                    FOR UPDATE
                    """),
                pipeline.execute(
                    """
                    SELECT \(StoredSubscription.columns)
                    FROM tollgate.subscription
                    WHERE customer_id = ANY (\(ids))
                    """),
                pipeline.execute(
                    """
                    SELECT \(StoredInvoice.columns)
                    FROM tollgate.invoice
                    WHERE customer_id = ANY (\(ids)) AND first_failed_at IS NOT NULL AND status <> 'void'
                      AND (status <> 'paid' OR first_failed_at > now() - interval '1 year')
                    UNION
                    SELECT \(StoredInvoice.columns)
                    FROM tollgate.invoice
                    WHERE customer_id = ANY (\(ids)) AND id = ANY (\(invoices))
                    """),
                pipeline.execute("SELECT clock_timestamp() AS now")
            )
        }
        let found = try Dictionary(grouping: subscriptions.rows.map(StoredSubscription.init), by: \.customer)
        let failed = try Dictionary(grouping: named.rows.map(StoredInvoice.init), by: \.customer)
        for row in try locked.rows {
            let customer: String = try row["customer_id"]
            loaded[customer] = try StoredAccount.decode(
                row,
                subscriptions: found[customer, default: []].map(\.subscription),
                invoices: failed[customer, default: []].map(\.invoice)
            )
        }
        now = try clock.rows.only["now"]
        return try elapsed(under: policy)
    }

    /// The loaded accounts; those whose lots lapse or holds end by themselves have been decided about again.
    private func elapsed(under policy: Policy) throws -> [String: Account] {
        var balances = loaded.mapValues(\.balance)
        try BalanceRows.elapse(&balances, to: now, connection)
        return loaded.mapValues { account in
            guard let balance = balances[account.customer], balance != account.balance else { return account }
            var account = account
            account.adopt(balance, cause: .time, at: now, policy: policy)
            return account
        }
    }
}
