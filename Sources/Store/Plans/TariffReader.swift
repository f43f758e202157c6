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
        /// The prices of the customer's subscriptions that have begun and not ended.
        package let prices: [String]
        package let now: Timestamp
        /// What the customer's calls of this month have come to.
        package let month: MonthToDate
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
                tariff: try self.tariff(connection),
                prices: try Self.prices(of: [customer], connection)[customer] ?? [],
                now: now, month: try Self.month(of: customer, at: now, connection),
                balance: BalanceRecord(balance))
        }
    }

    /// As it is at this moment of a transaction.
    func tariff(_ connection: Connection) throws -> Tariff {
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

    private static func month(
        of customer: String, at now: Timestamp, _ connection: Connection
    ) throws -> MonthToDate {
        let rows = try connection.execute(
            """
            SELECT cost, marked_up FROM tollgate.usage_month
            WHERE customer_id = \(customer) AND month = (\(now.startOfMonth)::timestamptz AT TIME ZONE 'UTC')::date
            """)
        return try rows.first.map { MonthToDate(cost: try $0["cost"], markedUp: try $0["marked_up"]) } ?? MonthToDate()
    }

    /// The prices of customers' subscriptions that have begun and not ended.
    static func prices(of customers: [String], _ connection: Connection) throws -> [String: [String]] {
        let rows = try connection.execute(
            """
            SELECT DISTINCT s.customer_id, p.price
            FROM tollgate.subscription s
            CROSS JOIN LATERAL unnest((string_to_array(s.prices, ' '))[2:]) AS p (price)
            WHERE s.customer_id = ANY (\(customers))
              AND coalesce(s.status NOT IN ('incomplete', 'canceled', 'incomplete_expired'), true)
            ORDER BY s.customer_id, p.price
            """)
        var prices: [String: [String]] = [:]
        for row in rows { prices[try row["customer_id"], default: []].append(try row["price"]) }
        return prices
    }
}
