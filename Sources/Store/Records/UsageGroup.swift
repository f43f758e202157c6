// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// What the calls of one day, one model or one API key have come to.
package struct UsageGroup: Sendable {
    package enum Name: Hashable, Sendable {
        /// `2026-11-26`, in UTC.
        case day(String)
        case model(String, provider: String)
        /// An API key's id; nil for calls without one.
        case key(String?)
    }

    package let name: Name
    package let records: Int64
    /// At list prices.
    package let cost: Dollars
    package let charge: Dollars
    package let credits: Int64
    /// Those that something was used of.
    package let pools: [Pool: Int64]

    /// Sums of `tollgate.usage_day`; `units` are a list of the objects of its rows.
    static let sums: SQL = """
        sum(records)::bigint AS records, sum(cost) AS cost, sum(charge) AS charge, sum(credits)::bigint AS credits,
        sum(input)::bigint AS input, sum(output)::bigint AS output, sum(cache_write_5m)::bigint AS cache_write_5m,
        sum(cache_write_1h)::bigint AS cache_write_1h, sum(cache_read)::bigint AS cache_read,
        sum(web_search)::bigint AS web_search, coalesce(jsonb_agg(units) FILTER (WHERE units <> '{}'), '[]') AS units
        """

    init(_ row: Rows.Row, name: Name) throws {
        self.name = name
        records = try row["records"]
        cost = try row["cost"]
        charge = try row["charge"]
        credits = try row["credits"]
        pools = try Self.pools(row)
    }

    static func pools(_ row: Rows.Row) throws -> [Pool: Int64] {
        let units: JSON = try row["units"]
        var pools: [Pool: Int64] = [
            .input: try row["input"], .output: try row["output"], .cacheWrite5m: try row["cache_write_5m"],
            .cacheWrite1h: try row["cache_write_1h"], .cacheRead: try row["cache_read"],
            .webSearch: try row["web_search"],
        ]
        for (name, quantity) in (units.array ?? []).flatMap({ $0.object ?? [:] }) {
            guard let pool = Pool(name), let quantity = quantity.integer else { throw StoreError.unknownValue("units") }
            let (sum, overflow) = pools[pool, default: 0].addingReportingOverflow(quantity)
            if overflow { throw StoreError.unknownValue("units") }
            pools[pool] = sum
        }
        return pools.filter { $0.value > 0 }
    }
}
