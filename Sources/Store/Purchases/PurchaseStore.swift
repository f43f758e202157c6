// SPDX-License-Identifier: Apache-2.0

import Postgres

/// What is known about purchases, for operators to read.
package struct PurchaseStore: Sendable {
    let database: Database

    /// - Parameter object: any payment intent, charge, Checkout session or invoice of it.
    /// - Returns: nil if no event has named the object.
    package func find(_ object: String) async throws -> PurchaseRecord? {
        try await database.transaction { connection in try Self.find(object, connection) }
    }

    static func find(_ object: String, _ connection: Connection) throws -> PurchaseRecord? {
        try connection.execute(
            """
            WITH RECURSIVE path AS (
                SELECT id, merged_into FROM tollgate.purchase WHERE id = \(object)
                UNION ALL
                SELECT p.id, p.merged_into FROM path JOIN tollgate.purchase p ON p.id = path.merged_into
            )
            SELECT \(PurchaseRecord.columns)
            FROM path JOIN tollgate.purchase p USING (id)
            WHERE p.merged_into IS NULL
            """
        ).first.map(PurchaseRecord.init)
    }

    /// Purchases of credits that wait for an event that names their customer, in the order of their ids.
    /// - Parameter startingAfter: the id of the last one on the previous page.
    package func listWaiting(
        startingAfter: String?,
        limit: Int
    ) async throws -> (page: [PurchaseRecord], hasMore: Bool) {
        try await database.transaction { connection in
            let records = try connection.execute(
                """
                SELECT \(PurchaseRecord.columns)
                FROM tollgate.purchase p
                WHERE \(Self.isWaiting) AND (\(startingAfter) IS NULL OR p.id > \(startingAfter))
                ORDER BY p.id
                LIMIT \(limit + 1)
                """
            ).map(PurchaseRecord.init)
            return (Array(records.prefix(limit)), records.count > limit)
        }
    }

    /// Matches the index `purchase_waiting`.
    static let isWaiting: SQL = "p.credits IS NOT NULL AND p.customer_id IS NULL"

    /// Those that buy credits, or that have a dispute: first those whose credits moved last.
    static func purchases(of customer: String, latest limit: Int) -> SQL {
        """
        SELECT \(PurchaseRecord.columns)
        FROM tollgate.purchase p
        LEFT JOIN tollgate.credit_entry e
            -- Ids have the collation C, and the index of business keys has not.
            ON e.business_key = ('purchase:' || p.id || ':' || p.entries) COLLATE "default"
        WHERE p.customer_id = \(customer) AND (p.credits IS NOT NULL OR p.facts ? 'disputes')
        ORDER BY e.at DESC NULLS LAST, e.number DESC, p.id DESC
        LIMIT \(limit)
        """
    }
}
