import Billing
import Postgres

/// One purchase as operators see it.
package struct PurchaseRecord: Sendable {
    package let id: String
    package let facts: PurchaseFacts
    /// Credits that the ledger holds for it.
    package let given: Int64
}

extension Store {
    /// - Parameter object: any payment intent, charge, Checkout session or invoice of it.
    /// - Returns: nil where no event has named the object.
    package func purchase(of object: String) async throws -> PurchaseRecord? {
        try await reads.transaction { connection in try Self.purchase(of: object, connection) }
    }

    static func purchase(of object: String, _ connection: Connection) throws -> PurchaseRecord? {
        try connection.execute(
            """
            WITH RECURSIVE path AS (
                SELECT id, merged_into FROM tollgate.purchase WHERE id = $1
                UNION ALL
                SELECT p.id, p.merged_into FROM path JOIN tollgate.purchase p ON p.id = path.merged_into
            )
            SELECT p.id, p.facts::text, p.given
            FROM path JOIN tollgate.purchase p USING (id)
            WHERE p.merged_into IS NULL
            """,
            .value(object)
        ).first.map(purchase)
    }

    /// Purchases of credits that wait for an event which names their customer, in the order of their ids.
    /// - Parameter startingAfter: the id of the last one of the page before.
    package func waitingPurchases(
        startingAfter: String?,
        limit: Int
    ) async throws -> (page: [PurchaseRecord], hasMore: Bool) {
        try await reads.transaction { connection in
            let records = try connection.execute(
                """
                SELECT id, facts::text, given
                FROM tollgate.purchase
                WHERE credits IS NOT NULL AND customer_id IS NULL AND ($1::text IS NULL OR id > $1)
                ORDER BY id
                LIMIT $2
                """,
                .value(startingAfter),
                .value(limit + 1)
            ).map(Self.purchase)
            return (Array(records.prefix(limit)), records.count > limit)
        }
    }

    package func countWaitingPurchases() async throws -> Int {
        try await figures.transaction { connection in
            try connection.execute(
                "SELECT count(*) FROM tollgate.purchase WHERE credits IS NOT NULL AND customer_id IS NULL"
            ).first?.decode(Int.self) ?? 0
        }
    }

    /// Those that buy credits, or of which something is disputed.
    static func purchases(of customer: String, _ connection: Connection) throws -> [PurchaseRecord] {
        try connection.execute(
            """
            SELECT id, facts::text, given
            FROM tollgate.purchase
            WHERE customer_id = $1 AND (credits IS NOT NULL OR facts ? 'disputes')
            ORDER BY id
            LIMIT 100
            """,
            .value(customer)
        ).map(purchase)
    }

    private static func purchase(_ row: Rows.Row) throws -> PurchaseRecord {
        let (id, facts, given) = try row.decode(String.self, String.self, Int64.self)
        return PurchaseRecord(id: id, facts: try StoredPurchase.decode(facts), given: given)
    }
}
