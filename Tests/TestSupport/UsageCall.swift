// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// A call that is in the database as if a gateway had reported it. PostgreSQL's own arithmetic charges it, so that what is
/// read is held against a second computation.
package struct UsageCall: Sendable {
    package var id: String
    package var customer = "cus_1"
    package var at: String
    /// In dollars.
    package var charge: String
    package var cost = "0"
    package var provider = "anthropic"
    package var model = "claude-fable-5-1"
    package var key: String?
    package var status = "ok"
    package var bill = "credits"
    package var creditValue = "0.001"
    package var pools: [String: Int64] = [:]
    package var usage: JSON?
    package var request: JSON = [:]
    package var isBatch = false
    /// The version of the price book.
    package var rate: String?

    package init(_ id: String, at: String, charge: String = "0", _ change: (inout UsageCall) -> Void = { _ in }) {
        self.id = id
        self.at = at
        self.charge = charge
        change(&self)
    }

    private var lines: JSON {
        .array(
            pools.sorted { $0.key < $1.key }.map { pool, quantity in
                [
                    "pool": .string(pool), "quantity": .integer(quantity), "rate": "1", "cost": "0.5",
                    "model": .string(model), "version": .string(rate ?? "rate_x"),
                ]
            })
    }

    /// Records calls in their order, and sums all of them up anew.
    package static func record(_ calls: [UsageCall], on source: DataSource) async throws {
        try await TestDatabase.transaction(on: source) { connection in
            for call in calls { try call.insert(connection) }
            _ = try connection.executeScript(summing)
        }
    }

    private func insert(_ connection: Connection) throws {
        let time = Timestamp(rfc3339: at) ?? Timestamp(seconds: 0)
        _ = try connection.execute(
            """
            INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
            VALUES (\(customer), false, 'no_subscription', now(), 1) ON CONFLICT DO NOTHING
            """)
        _ = try connection.execute(
            """
            WITH last AS (
                SELECT coalesce(max(number), 0) AS number,
                       coalesce((array_agg(remainder ORDER BY number DESC))[1], 0) AS carried
                FROM tollgate.usage_record WHERE customer_id = \(customer)
            ), charged AS (
                SELECT number + 1 AS number, carried, \(charge)::numeric AS charge, \(creditValue)::numeric AS value,
                       CASE WHEN \(bill) = 'credits' THEN div(carried + \(charge)::numeric, \(creditValue)::numeric)
                            ELSE 0 END AS credits
                FROM last
            )
            INSERT INTO tollgate.usage_record (
                id, customer_id, number, key_id, provider, dialect, model, at, recorded_at, status, is_batch, usage, request,
                hold_id, digest, livemode, lines, marks, cost, charge, bill, credit_value, carried, credits, remainder,
                rate_id, plan_id)
            SELECT \(id), \(customer), number, \(key), \(provider), 'tokens', \(model), \(time), \(time), \(status),
                   \(isBatch), \(usage), \(request), NULL, sha256(convert_to(\(id), 'UTF8')), true, \(lines),
                   '["cache_writes_taken_as_5m"]', \(cost)::numeric, charge, \(bill), value, carried, credits,
                   CASE WHEN \(bill) = 'credits' THEN carried + charge - credits * value ELSE carried END, \(rate),
                   'plan_00000000000000000000000000000001'
            FROM charged
            """)
    }

    private static let summing = """
        DELETE FROM tollgate.usage_balance;
        DELETE FROM tollgate.usage_month;
        DELETE FROM tollgate.usage_day;
        INSERT INTO tollgate.usage_balance (customer_id, number, carried)
        SELECT DISTINCT ON (customer_id) customer_id, number, remainder
        FROM tollgate.usage_record ORDER BY customer_id, number DESC;
        INSERT INTO tollgate.usage_month (customer_id, month, records, cost, marked_up, charge, credits, moved)
        SELECT customer_id, date_trunc('month', at AT TIME ZONE 'UTC')::date, count(*), sum(cost), sum(charge), sum(charge),
               sum(credits), sum(remainder - carried)
        FROM tollgate.usage_record GROUP BY 1, 2;
        CREATE AGGREGATE pg_temp.units_sum(jsonb) (SFUNC = tollgate.units_added, STYPE = jsonb, INITCOND = '{}');
        INSERT INTO tollgate.usage_day (customer_id, day, provider, model, key_id, records, cost, charge, credits, input,
                                        output, cache_write_5m, cache_write_1h, cache_read, web_search, units)
        SELECT customer_id, (at AT TIME ZONE 'UTC')::date, provider, model, coalesce(key_id, ''), count(*), sum(cost),
               sum(charge), sum(credits), sum(input), sum(output), sum(cache_write_5m), sum(cache_write_1h),
               sum(cache_read), sum(web_search), pg_temp.units_sum(units)
        FROM tollgate.usage_record CROSS JOIN LATERAL (
            SELECT coalesce(sum(quantity) FILTER (WHERE pool = 'input'), 0) AS input,
                   coalesce(sum(quantity) FILTER (WHERE pool = 'output'), 0) AS output,
                   coalesce(sum(quantity) FILTER (WHERE pool = 'cache_write_5m'), 0) AS cache_write_5m,
                   coalesce(sum(quantity) FILTER (WHERE pool = 'cache_write_1h'), 0) AS cache_write_1h,
                   coalesce(sum(quantity) FILTER (WHERE pool = 'cache_read'), 0) AS cache_read,
                   coalesce(sum(quantity) FILTER (WHERE pool = 'web_search'), 0) AS web_search,
                   coalesce(jsonb_object_agg(pool, quantity) FILTER (WHERE pool LIKE 'unit:%'), '{}') AS units
            FROM (SELECT line ->> 'pool' AS pool, (line ->> 'quantity')::bigint AS quantity
                  FROM jsonb_array_elements(lines) line) l) q
        GROUP BY 1, 2, 3, 4, 5;
        """
}
