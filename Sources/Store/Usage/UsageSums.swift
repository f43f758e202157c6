// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// What the charged calls of one transaction add to the sums of months and of days.
struct UsageSums: Sendable {
    private struct Month: Hashable, Sendable {
        let customer: String
        let start: Timestamp
    }

    private struct Day: Hashable, Sendable {
        let customer: String
        let start: Timestamp
        let provider: String
        let model: String
        let key: String
    }

    private struct Sum: Sendable {
        var records: Int64 = 0
        var cost = Dollars.zero
        var markedUp = Dollars.zero
        var charge = Dollars.zero
        var credits: Int64 = 0
        var moved = Dollars.zero
        var pools: [Pool: Int64] = [:]

        func units() -> JSON {
            var units: [String: JSON] = [:]
            for case (.unit(let name), let quantity) in pools { units[Pool.unit(name).name] = .integer(quantity) }
            return .object(units)
        }

        /// It cannot overflow: what a month comes to was counted before, and no call is charged a thousandth of what 64
        /// bits count.
        mutating func add(_ charge: UsageCharge) {
            records += 1
            cost = Self.sum(cost, charge.receipt.cost)
            markedUp = Self.sum(markedUp, charge.markedUp)
            self.charge = Self.sum(self.charge, charge.receipt.charge)
            credits += charge.receipt.credits
            moved = Self.sum(moved, charge.moved)
            pools.merge(charge.pools, uniquingKeysWith: +)
        }

        mutating func add(_ correction: UsageCorrection) {
            cost = Self.sum(cost, correction.receipt.cost)
            markedUp = Self.sum(markedUp, correction.markedUp)
            charge = Self.sum(charge, correction.receipt.charge)
            credits += correction.receipt.credits
            moved = Self.sum(moved, correction.moved)
        }

        private static func sum(_ one: Dollars, _ other: Dollars) -> Dollars {
            guard let sum = try? one + other else { preconditionFailure("a month's sum was counted before") }
            return sum
        }
    }

    private var months: [Month: Sum] = [:]
    private var days: [Day: Sum] = [:]

    mutating func add(_ charge: UsageCharge, of customer: String) {
        let report = charge.report
        let (month, day) = Self.places(of: report.call, at: report.at, key: report.key, customer)
        months[month, default: Sum()].add(charge)
        days[day, default: Sum()].add(charge)
    }

    mutating func add(_ correction: UsageCorrection, of stored: StoredCall) {
        let (month, day) = Self.places(of: stored.call.call, at: stored.call.at, key: stored.key, stored.customer)
        months[month, default: Sum()].add(correction)
        days[day, default: Sum()].add(correction)
    }

    private static func places(
        of call: UsageRecord, at: Timestamp, key: String?, _ customer: String
    ) -> (Month, Day) {
        (
            Month(customer: customer, start: at.startOfMonth),
            Day(
                customer: customer, start: at.startOfDay, provider: call.provider, model: call.model, key: key ?? "")
        )
    }

    func save(_ pipeline: Pipeline) {
        guard !months.isEmpty else { return }
        // In one order everywhere: of one customer, only who has its account locked comes here.
        pipeline.execute(
            """
            INSERT INTO tollgate.usage_month AS m (customer_id, month, records, cost, marked_up, charge, credits, moved)
            SELECT customer_id, (start AT TIME ZONE 'UTC')::date, records, cost, marked_up, charge, credits, moved
            FROM \(Self.ofMonths.table(months.map { ($0.key, $0.value) }))
            ORDER BY customer_id, start
            ON CONFLICT (customer_id, month) DO UPDATE
            SET records = m.records + EXCLUDED.records, cost = m.cost + EXCLUDED.cost,
                marked_up = m.marked_up + EXCLUDED.marked_up, charge = m.charge + EXCLUDED.charge,
                credits = m.credits + EXCLUDED.credits, moved = m.moved + EXCLUDED.moved
            """)
        pipeline.execute(
            """
            INSERT INTO tollgate.usage_day AS d
                (customer_id, day, provider, model, key_id, records, cost, charge, credits, input, output,
                 cache_write_5m, cache_write_1h, cache_read, web_search, units)
            SELECT customer_id, (start AT TIME ZONE 'UTC')::date, provider, model, key_id, records, cost, charge, credits,
                   input, output, cache_write_5m, cache_write_1h, cache_read, web_search, units
            FROM \(Self.ofDays.table(days.map { ($0.key, $0.value) }))
            ORDER BY customer_id, start, provider, model, key_id
            ON CONFLICT (customer_id, day, provider, model, key_id) DO UPDATE
            SET records = d.records + EXCLUDED.records, cost = d.cost + EXCLUDED.cost,
                charge = d.charge + EXCLUDED.charge, credits = d.credits + EXCLUDED.credits,
                input = d.input + EXCLUDED.input, output = d.output + EXCLUDED.output,
                cache_write_5m = d.cache_write_5m + EXCLUDED.cache_write_5m,
                cache_write_1h = d.cache_write_1h + EXCLUDED.cache_write_1h,
                cache_read = d.cache_read + EXCLUDED.cache_read, web_search = d.web_search + EXCLUDED.web_search,
                units = tollgate.units_added(d.units, EXCLUDED.units)
            """)
    }

    private static let ofMonths = Unnest<(key: Month, sum: Sum)> {
        Column("customer_id", \.key.customer)
        Column("start", \.key.start)
        Column("records", \.sum.records)
        Column("cost", \.sum.cost)
        Column("marked_up", \.sum.markedUp)
        Column("charge", \.sum.charge)
        Column("credits", \.sum.credits)
        Column("moved", \.sum.moved)
    }

    private static let ofDays = Unnest<(key: Day, sum: Sum)> {
        Column("customer_id", \.key.customer)
        Column("start", \.key.start)
        Column("provider", \.key.provider)
        Column("model", \.key.model)
        Column("key_id", \.key.key)
        Column("records", \.sum.records)
        Column("cost", \.sum.cost)
        Column("charge", \.sum.charge)
        Column("credits", \.sum.credits)
        Column("input") { $0.sum.pools[.input, default: 0] }
        Column("output") { $0.sum.pools[.output, default: 0] }
        Column("cache_write_5m") { $0.sum.pools[.cacheWrite5m, default: 0] }
        Column("cache_write_1h") { $0.sum.pools[.cacheWrite1h, default: 0] }
        Column("cache_read") { $0.sum.pools[.cacheRead, default: 0] }
        Column("web_search") { $0.sum.pools[.webSearch, default: 0] }
        Column("units") { $0.sum.units() }
    }
}
