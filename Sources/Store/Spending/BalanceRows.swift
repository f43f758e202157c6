// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// What belongs to a balance besides its account's row: holds, debits and ledger entries.
enum BalanceRows {
    /// So many holds that have ended by themselves are loaded at once, shared by those whose they are; what is left of
    /// one's is due for the next.
    private static let dueLimit = 100_000
    /// The least of one's share.
    private static let leastShare = 500

    /// Does what is due by time alone. The accounts are locked, or all of this is one snapshot.
    static func elapse(_ balances: inout [String: Balance], to now: Timestamp, _ connection: Connection) throws {
        let due = balances.values.filter { $0.dueAt.map { $0 <= now } ?? false }.map(\.customer).sorted()
        guard !due.isEmpty else { return }
        let share = max(leastShare, dueLimit / due.count)
        let (ended, next) = try connection.pipeline { pipeline in
            (
                pipeline.execute(
                    """
                    SELECT \(StoredHold.columns)
                    FROM unnest(\(due)) AS c (customer_id)
                    CROSS JOIN LATERAL (
                        SELECT * FROM tollgate.hold h
                        WHERE h.customer_id = c.customer_id AND h.status = 'open' AND h.expires_at <= \(now)
                        ORDER BY h.expires_at
                        LIMIT \(share)
                    ) h
                    """),
                pipeline.execute(
                    """
                    SELECT customer_id, (SELECT min(h.expires_at) FROM tollgate.hold h
                                         WHERE h.customer_id = c.customer_id AND h.status = 'open'
                                           AND h.expires_at > \(now)) AS next
                    FROM unnest(\(due)) AS c (customer_id)
                    """)
            )
        }
        let holds = try Dictionary(grouping: ended.rows.map(StoredHold.init), by: \.customer)
        for row in try next.rows {
            let customer: String = try row["customer_id"]
            let next: Timestamp? = try row["next"]
            let own = holds[customer, default: []].map(\.hold)
            balances[customer]?.know(own)
            balances[customer]?.elapse(to: now)
            balances[customer]?.expectHolds(endingFrom: own.count < share ? next : now, at: now)
        }
    }

    /// Writes the entries, holds and debits that are new or have changed.
    static func save(_ balances: [Balance], at now: Timestamp, _ pipeline: Pipeline) {
        let entries = balances.flatMap { balance in
            balance.newEntries.map { LedgerEntry(customer: balance.customer, entry: $0, at: now) }
        }
        if !entries.isEmpty {
            let rows = LedgerEntry.rows
            pipeline.execute(
                """
                INSERT INTO tollgate.credit_entry (\(rows.columns), previous_balance)
                SELECT \(rows.columns), balance - amount FROM \(rows.table(entries))
                """)
            PurchaseRecheck.note(entries, pipeline)
        }
        let new = balances.flatMap { balance in
            balance.newHolds.map { StoredHold(of: balance.customer, $0) }
        }
        if !new.isEmpty {
            let rows = StoredHold.rows
            pipeline.execute(
                """
                INSERT INTO tollgate.hold (\(rows.columns))
                SELECT \(rows.columns) FROM \(rows.table(new))
                """)
        }
        let changed = balances.flatMap { balance in
            balance.changedHolds.map { StoredHold(of: balance.customer, $0) }
        }
        if !changed.isEmpty {
            let rows = StoredHold.changes
            pipeline.execute(
                """
                UPDATE tollgate.hold h SET \(rows.assignments)
                FROM \(rows.table(changed))
                WHERE h.customer_id = n.customer_id AND h.id = n.id
                """)
        }
        let debits = balances.flatMap { balance in
            balance.newDebits.map { StoredDebit(of: balance.customer, $0) }
        }
        if !debits.isEmpty {
            let rows = StoredDebit.rows
            pipeline.execute(
                """
                INSERT INTO tollgate.debit (\(rows.columns))
                SELECT \(rows.columns) FROM \(rows.table(debits))
                """)
        }
    }
}
