import Notation
import Postgres

/// What a price sells, as an operator keeps it.
package struct PriceRecord: Sendable, Hashable {
    package let id: String
    /// Of one unit.
    package let credits: Int64
    /// What one unit costs, in the currency's smallest unit; nil where it is not listed.
    package let unitAmount: Int64?
    package let `operator`: String
    package let setAt: Timestamp
}

extension Store {
    /// In the order of their ids.
    package func prices() async throws -> [PriceRecord] {
        try await reads.transaction { connection in
            try connection.execute(
                "SELECT id, credits, unit_amount, operator, set_at FROM tollgate.price ORDER BY id"
            ).map(Self.price)
        }
    }

    /// - Returns: nil where the price is not listed.
    package func price(_ id: String) async throws -> PriceRecord? {
        try await reads.transaction { connection in
            try connection.execute(
                "SELECT id, credits, unit_amount, operator, set_at FROM tollgate.price WHERE id = $1",
                .value(id)
            ).first.map(Self.price)
        }
    }

    /// Counts for invoices that are applied from now on.
    /// - Parameters:
    ///   - credits: 1 to 10^15.
    ///   - unitAmount: 1 or more; nil where parts of a unit sell nothing.
    package func setPrice(
        _ id: String,
        credits: Int64,
        unitAmount: Int64?,
        operator name: String
    ) async throws -> PriceRecord? {
        try await reads.transaction { connection in
            try connection.execute(
                """
                INSERT INTO tollgate.price (id, credits, unit_amount, operator)
                VALUES ($1, $2, $3, $4)
                ON CONFLICT (id) DO UPDATE
                SET credits = EXCLUDED.credits, unit_amount = EXCLUDED.unit_amount, operator = EXCLUDED.operator,
                    set_at = clock_timestamp()
                RETURNING id, credits, unit_amount, operator, set_at
                """,
                .value(id),
                .value(credits),
                .value(unitAmount),
                .value(name)
            ).first.map(Self.price)
        }
    }

    /// - Returns: what it was; nil where the price was not listed.
    package func removePrice(_ id: String) async throws -> PriceRecord? {
        try await reads.transaction { connection in
            try connection.execute(
                "DELETE FROM tollgate.price WHERE id = $1 RETURNING id, credits, unit_amount, operator, set_at",
                .value(id)
            ).first.map(Self.price)
        }
    }

    private static func price(_ row: Rows.Row) throws -> PriceRecord {
        let (id, credits, unitAmount, name, setAt) = try row.decode(
            String.self, Int64.self, Int64?.self, String.self, Timestamp.self
        )
        return PriceRecord(id: id, credits: credits, unitAmount: unitAmount, operator: name, setAt: setAt)
    }
}
