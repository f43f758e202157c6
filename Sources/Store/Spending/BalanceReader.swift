// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// What customers have to spend, and what is held: right at the moment of the query, whatever has been swept.
package struct BalanceReader: Sendable {
    let database: Database

    /// - Returns: nil for a customer that nothing has named.
    /// - Throws: `StoreError` or `PostgresError`.
    package func balance(of customer: String) async throws -> BalanceRecord? {
        try await database.transaction(mode: .snapshot) { connection in
            try Self.load(customer, connection).map { BalanceRecord($0.balance) }
        }
    }

    /// - Returns: nil for a hold that was never made.
    package func hold(_ id: String, of customer: String) async throws -> HoldRecord? {
        try await database.transaction(mode: .snapshot) { connection in
            guard let (balance, _) = try Self.load(customer, connection) else { return nil }
            return try connection.execute(
                """
                SELECT \(StoredHold.columns) FROM tollgate.hold h
                WHERE h.customer_id = \(customer) AND h.id = \(id)
                """
            ).first.map { HoldRecord(try StoredHold($0).hold, balance) }
        }
    }

    /// - Parameters:
    ///   - status: nil for all.
    ///   - cursor: the id of the last hold of the page before.
    /// - Returns: in the order of ids, one more than `limit` if there are more; nil for a customer that nothing has named.
    package func holds(
        of customer: String, status: Hold.Status?, limit: Int, after cursor: String?
    ) async throws -> [HoldRecord]? {
        try await database.transaction(mode: .snapshot) { connection in
            guard let (balance, now) = try Self.load(customer, connection) else { return nil }
            let rows = try connection.execute(Self.page(customer, status, at: now, limit: limit + 1, after: cursor))
            return try rows.map { HoldRecord(try StoredHold($0).hold, balance) }
        }
    }

    /// - Parameter now: at which holds that nobody has settled have ended, also where that is not written yet.
    private static func page(
        _ customer: String, _ status: Hold.Status?, at now: Timestamp, limit: Int, after cursor: String?
    ) -> SQL {
        // Open ones are few and have an index.
        let isWanted: SQL =
            switch status {
            case nil: "true"
            case .open: "h.status = 'open' AND h.expires_at > \(now)"
            case .released: "h.status = 'released'"
            case .expired:
                "(h.status = 'expired' OR h.status = 'open' AND h.expires_at <= \(now) AND h.on_expiry = 'release')"
            case .settled:
                "(h.status = 'settled' OR h.status = 'open' AND h.expires_at <= \(now) AND h.on_expiry = 'settle')"
            }
        return """
            SELECT \(StoredHold.columnsWithoutMetadata)
            FROM tollgate.hold h
            WHERE h.customer_id = \(customer) AND h.id > coalesce(\(cursor), '') AND \(isWanted)
            ORDER BY h.id
            LIMIT \(limit)
            """
    }

    static func load(
        _ customer: String, _ connection: Connection
    ) throws -> (balance: Balance, now: Timestamp)? {
        let (account, clock) = try connection.pipeline { pipeline in
            (
                pipeline.execute(
                    "SELECT \(StoredBalance.columns) FROM tollgate.account WHERE customer_id = \(customer)"),
                pipeline.execute("SELECT clock_timestamp() AS now")
            )
        }
        guard let row = try account.rows.first else { return nil }
        let now: Timestamp = try clock.rows.only["now"]
        var balances = [customer: try StoredBalance.decode(row, of: customer)]
        try BalanceRows.elapse(&balances, to: now, connection)
        return balances[customer].map { ($0, now) }
    }
}
