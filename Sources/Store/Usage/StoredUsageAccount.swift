// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// How it is stored what a customer's calls have come to.
struct StoredUsageAccount: Sendable {
    let customer: String
    let number: Int64
    let carried: Dollars

    /// - Parameters:
    ///   - customers: whose accounts are locked.
    ///   - months: by their first instants.
    /// - Returns: by customer; those without a call are not there.
    static func load(
        _ customers: Set<String>, months: Set<Timestamp>, _ connection: Connection
    ) throws -> [String: UsageAccount] {
        let (customers, months) = (customers.sorted(), months.sorted())
        let (carried, sums) = try connection.pipeline { pipeline in
            (
                pipeline.execute(
                    "SELECT customer_id, number, carried FROM tollgate.usage_balance WHERE customer_id = ANY (\(customers))"
                ),
                pipeline.execute(
                    """
                    SELECT customer_id, month::timestamp AT TIME ZONE 'UTC' AS month, cost, marked_up
                    FROM tollgate.usage_month
                    WHERE customer_id = ANY (\(customers))
                      AND month = ANY (SELECT (m AT TIME ZONE 'UTC')::date FROM unnest(\(months)) AS n (m))
                    """)
            )
        }
        var toDate: [String: [Timestamp: MonthToDate]] = [:]
        for row in try sums.rows {
            toDate[try row["customer_id"], default: [:]][try row["month"]] = MonthToDate(
                cost: try row["cost"], markedUp: try row["marked_up"])
        }
        var accounts: [String: UsageAccount] = [:]
        for row in try carried.rows {
            let customer: String = try row["customer_id"]
            accounts[customer] = UsageAccount(
                customer: customer, number: try row["number"], carried: try row["carried"],
                months: toDate[customer] ?? [:])
        }
        return accounts
    }

    static func save(_ last: [StoredUsageAccount], _ pipeline: Pipeline) {
        guard !last.isEmpty else { return }
        pipeline.execute(
            """
            INSERT INTO tollgate.usage_balance (\(rows.columns))
            SELECT \(rows.columns) FROM \(rows.table(last))
            ON CONFLICT (customer_id) DO UPDATE SET \(rows.replacements)
            """)
    }

    private static let rows = Unnest<StoredUsageAccount> {
        Column.key("customer_id", \.customer)
        Column("number", \.number)
        Column("carried", \.carried)
    }
}
