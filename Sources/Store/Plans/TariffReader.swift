// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres
import Synchronization

/// What calls are charged by: read again only when an operator has changed it.
package final class TariffReader: Sendable {
    /// What an estimate is made of.
    package struct Reading: Sendable {
        package let tariff: Tariff
        /// The prices of the customer's subscriptions that have not ended.
        package let prices: [String]
        package let now: Timestamp
        package let balance: BalanceRecord
    }

    /// When rates and plans became known last: neither ever changes without that.
    private struct Mark: Equatable {
        let rates: Timestamp?
        let plans: Timestamp?
    }

    private let database: Database
    private let kept = Mutex<(mark: Mark, tariff: Tariff)?>(nil)

    init(database: Database) {
        self.database = database
    }

    /// All of one moment.
    /// - Returns: nil for a customer that nothing has named.
    package func reading(of customer: String) async throws -> Reading? {
        try await database.transaction(mode: .snapshot) { connection in
            guard let (balance, now) = try BalanceReader.load(customer, connection) else { return nil }
            return Reading(
                tariff: try self.tariff(connection), prices: try Self.prices(of: customer, connection), now: now,
                balance: BalanceRecord(balance))
        }
    }

    private func tariff(_ connection: Connection) throws -> Tariff {
        let row = try connection.execute(
            """
            SELECT (SELECT max(known_at) FROM tollgate.rate) AS rates, (SELECT max(known_at) FROM tollgate.plan) AS plans
            """
        ).only
        let mark = Mark(rates: try row["rates"], plans: try row["plans"])
        if let kept = kept.withLock({ $0 }), kept.mark == mark { return kept.tariff }
        let tariff = Tariff(
            rates: try RateStore.book(connection),
            plans: PlanBook(try PlanStore.current(connection).map(\.version)))
        kept.withLock { $0 = (mark, tariff) }
        return tariff
    }

    private static func prices(of customer: String, _ connection: Connection) throws -> [String] {
        let rows = try connection.execute(
            """
            SELECT DISTINCT p.price
            FROM tollgate.subscription s
            CROSS JOIN LATERAL unnest((string_to_array(s.prices, ' '))[2:]) AS p (price)
            WHERE s.customer_id = \(customer) AND coalesce(s.status NOT IN ('canceled', 'incomplete_expired'), true)
            ORDER BY p.price
            """)
        return try rows.map { try $0["price"] }
    }
}
