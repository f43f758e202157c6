// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres

/// What prices sell.
package struct PriceStore: Sendable {
    let database: Database

    /// In the order of their ids.
    package func list() async throws -> [PriceRecord] {
        try await database.transaction { connection in
            try connection.execute("SELECT \(PriceRecord.columns) FROM tollgate.price ORDER BY id").map(
                PriceRecord.init)
        }
    }

    /// - Returns: nil if the price is not listed.
    package func find(_ id: String) async throws -> PriceRecord? {
        try await database.transaction { connection in
            try connection.execute("SELECT \(PriceRecord.columns) FROM tollgate.price WHERE id = \(id)").first.map(
                PriceRecord.init)
        }
    }

    /// Takes effect for invoices that are applied from now on.
    /// - Parameters:
    ///   - credits: 1 to 10^15.
    ///   - unitAmount: 1 or more; nil if parts of a unit sell nothing.
    @discardableResult
    package func set(
        _ id: String,
        credits: Int64,
        unitAmount: Int64?,
        operator name: String
    ) async throws -> PriceRecord {
        try await database.transaction { connection in
            let rows = try connection.execute(
                """
                INSERT INTO tollgate.price (id, credits, unit_amount, operator)
                VALUES (\(id), \(credits), \(unitAmount), \(name))
                ON CONFLICT (id) DO UPDATE
                SET credits = EXCLUDED.credits, unit_amount = EXCLUDED.unit_amount, operator = EXCLUDED.operator,
                    set_at = clock_timestamp()
                RETURNING \(PriceRecord.columns)
                """)
            return try PriceRecord(rows.only)
        }
    }

    /// - Returns: what it was; nil if the price was not listed.
    package func remove(_ id: String) async throws -> PriceRecord? {
        try await database.transaction { connection in
            try connection.execute("DELETE FROM tollgate.price WHERE id = \(id) RETURNING \(PriceRecord.columns)")
                .first.map(PriceRecord.init)
        }
    }

    /// What all of them sell.
    static let selection: SQL = "SELECT id, credits, unit_amount FROM tollgate.price"

    static func prices(_ rows: Rows) throws -> [String: Price] {
        var prices: [String: Price] = [:]
        for row in rows { try prices[row["id"]] = Price(credits: row["credits"], unitAmount: row["unit_amount"]) }
        return prices
    }

    static func all(_ connection: Connection) throws -> [String: Price] { try prices(connection.execute(selection)) }
}
