// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// What customers' calls have used, and what they were charged for it, as a customer may see it.
package struct UsageReader: Sendable {
    package enum Grouping: Sendable {
        case day
        /// The dearest first, as for keys.
        case model
        case key
    }

    package enum RecordResult: Sendable {
        case record(UsageDetail)
        /// None of this id is the customer's.
        case unknownRecord
        case unknownCustomer
    }

    let database: Database

    // MARK: Sums

    /// What the calls of a span of days come to.
    /// - Parameters:
    ///   - start: the first instant of the first day, in UTC; `end` that of the day after the last one.
    ///   - limit: how many groups at the most.
    /// - Returns: nil for a customer that nothing has named.
    package func usage(
        of customer: String, from start: Timestamp, to end: Timestamp, groupedBy grouping: Grouping, atMost limit: Int
    ) async throws -> (groups: [UsageGroup], isTruncated: Bool)? {
        try await database.transaction(mode: .snapshot) { connection in
            let (account, groups) = try connection.pipeline { pipeline in
                (
                    pipeline.execute(Self.account(customer)),
                    pipeline.execute(Self.sums(customer, start, end, grouping, limit: limit + 1))
                )
            }
            guard try account.rows.first != nil else { return nil }
            let found = try groups.rows.map { try UsageGroup($0, name: Self.name($0, grouping)) }
            return (Array(found.prefix(limit)), found.count > limit)
        }
    }

    private static func sums(
        _ customer: String, _ start: Timestamp, _ end: Timestamp, _ grouping: Grouping, limit: Int
    ) -> SQL {
        let (columns, groups, order): (SQL, SQL, SQL) =
            switch grouping {
            case .day: ("to_char(day, 'YYYY-MM-DD') AS day", "day", "usage_day.day")
            case .model: ("provider, model", "provider, model", "sum(charge) DESC, provider, model")
            case .key: ("key_id", "key_id", "sum(charge) DESC, key_id")
            }
        return """
            SELECT \(columns), \(UsageGroup.sums)
            FROM tollgate.usage_day
            WHERE customer_id = \(customer) AND \(days(start, end))
            GROUP BY \(groups)
            ORDER BY \(order)
            LIMIT \(limit)
            """
    }

    private static func name(_ row: Rows.Row, _ grouping: Grouping) throws -> UsageGroup.Name {
        switch grouping {
        case .day: return .day(try row["day"])
        case .model: return .model(try row["model"], provider: try row["provider"])
        case .key:
            let key: String = try row["key_id"]
            return .key(key.isEmpty ? nil : key)
        }
    }

    private static func days(_ start: Timestamp, _ end: Timestamp) -> SQL {
        "day >= (\(start) AT TIME ZONE 'UTC')::date AND day < (\(end) AT TIME ZONE 'UTC')::date"
    }

    private static func account(_ customer: String) -> SQL {
        "SELECT FROM tollgate.account WHERE customer_id = \(customer)"
    }

    // MARK: Statements

    /// A month's statement with its first lines, all of one moment.
    /// - Returns: nil for a customer that nothing has named.
    package func statement(
        of customer: String, _ month: UTCMonth, atMost limit: Int
    ) async throws -> (statement: UsageStatement, lines: [UsageLine])? {
        try await database.transaction(mode: .snapshot) { connection in
            let (account, months, pools, lines) = try connection.pipeline { pipeline in
                (
                    pipeline.execute(Self.last(customer)), pipeline.execute(Self.months(customer, month)),
                    pipeline.execute(Self.pools(customer, month)),
                    pipeline.execute(Self.lines(customer, month, after: nil, upTo: .max, limit))
                )
            }
            guard let last = try account.rows.first else { return nil }
            let sums = try months.rows.only
            let statement = UsageStatement(
                customer: customer, month: month, opening: try sums["opening"], closing: try sums["closing"],
                records: try sums["records"], total: try sums["total"], credits: try sums["credits"],
                pools: try UsageGroup.pools(pools.rows.only), number: try last["number"])
            return (statement, try lines.rows.map(UsageLine.init))
        }
    }

    /// More lines of a statement, in the order of the calls. Records are only ever added, and numbered in the order in which
    /// they are charged, so they are those of the statement's moment.
    /// - Parameter line: the last one that was read.
    package func lines(
        of statement: UsageStatement, after line: UsageLine, atMost limit: Int
    ) async throws -> [UsageLine] {
        try await database.statements { connection in
            try connection.execute(
                Self.lines(statement.customer, statement.month, after: line, upTo: statement.number, limit)
            ).map(UsageLine.init)
        }
    }

    private static func last(_ customer: String) -> SQL {
        """
        SELECT coalesce(b.number, 0) AS number
        FROM tollgate.account a LEFT JOIN tollgate.usage_balance b USING (customer_id)
        WHERE customer_id = \(customer)
        """
    }

    private static func months(_ customer: String, _ month: UTCMonth) -> SQL {
        let first: SQL = "(\(month.start) AT TIME ZONE 'UTC')::date"
        return """
            SELECT coalesce(sum(moved) FILTER (WHERE month < \(first)), 0) AS opening, coalesce(sum(moved), 0) AS closing,
                   coalesce(sum(records) FILTER (WHERE month = \(first)), 0)::bigint AS records,
                   coalesce(sum(charge) FILTER (WHERE month = \(first)), 0) AS total,
                   coalesce(sum(credits) FILTER (WHERE month = \(first)), 0)::bigint AS credits
            FROM tollgate.usage_month
            WHERE customer_id = \(customer) AND month <= \(first)
            """
    }

    private static func pools(_ customer: String, _ month: UTCMonth) -> SQL {
        """
        SELECT coalesce(input, 0) AS input, coalesce(output, 0) AS output, coalesce(cache_write_5m, 0) AS cache_write_5m,
               coalesce(cache_write_1h, 0) AS cache_write_1h, coalesce(cache_read, 0) AS cache_read,
               coalesce(web_search, 0) AS web_search, units
        FROM (SELECT \(UsageGroup.sums) FROM tollgate.usage_day
              WHERE customer_id = \(customer) AND \(days(month.start, month.end))) s
        """
    }

    private static func lines(
        _ customer: String, _ month: UTCMonth, after line: UsageLine?, upTo number: Int64, _ limit: Int
    ) -> SQL {
        """
        SELECT \(UsageLine.columns)
        FROM tollgate.usage_record
        WHERE customer_id = \(customer) AND (at, id) > (\(line?.at ?? month.start), \(line?.id ?? "")) AND at < \(month.end)
          AND number <= \(number)
        ORDER BY at, id
        LIMIT \(limit)
        """
    }

    // MARK: One call

    package func record(_ id: String, of customer: String) async throws -> RecordResult {
        try await database.transaction(mode: .snapshot) { connection in
            let (account, record) = try connection.pipeline { pipeline in
                (
                    pipeline.execute(Self.account(customer)),
                    pipeline.execute(
                        """
                        SELECT \(UsageDetail.columns) FROM tollgate.usage_record
                        WHERE id = \(id) AND customer_id = \(customer)
                        """)
                )
            }
            guard try account.rows.first != nil else { return .unknownCustomer }
            return try record.rows.first.map { .record(try UsageDetail($0)) } ?? .unknownRecord
        }
    }
}
