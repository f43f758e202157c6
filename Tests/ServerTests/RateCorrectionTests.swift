// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Server

/// A rate that is approved for a time that has passed posts what was charged too much or too little.
@Suite struct RateCorrectionTests {
    private static func rate(_ output: String, from instant: String = "2026-10-15T00:00:00Z") -> String {
        """
        {"rates":[{"provider":"anthropic","model":"sonnet","effective_at":"\(instant)","input":"3","output":"\(output)",
        "cache_read":"0.3","cache_write_5m":"3.75","cache_write_1h":"6","web_search":"10","batch":"0.5"}]}
        """
    }

    /// Once what was approved last has been looked for.
    private static func corrected(_ server: ServerFixture) async throws {
        try await eventually("the corrections") {
            let open: Int64 = try await server.sql { connection in
                try connection.execute(
                    "SELECT count(*) AS count FROM tollgate.rate_correction WHERE finished_at IS NULL"
                ).only["count"]
            }
            return open == 0 ? true : nil
        }
    }

    /// `id, corrects, cost, charge, credits` of what was posted, in its order.
    private static func posted(_ server: ServerFixture) async throws -> [[String?]] {
        try await server.sql { connection in
            try connection.execute(
                """
                SELECT corrects, trim_scale(cost)::text AS cost, trim_scale(charge)::text AS charge, credits::text AS credits
                FROM tollgate.usage_record WHERE corrects IS NOT NULL ORDER BY customer_id, number
                """
            ).map { [try $0["corrects"], try $0["cost"], try $0["charge"], try $0["credits"]] }
        }
    }

    @Test func `calls from its instant on are corrected, once, and no other`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            try await server.grant(100)
            _ = try await server.report(
                ServerFixture.record("before", output: 1_000, at: "2026-10-14T23:59:59.999999Z"),
                ServerFixture.record("at", output: 1_000, at: "2026-10-15T00:00:00Z"),
                ServerFixture.record("after", output: 1_500, at: "2026-11-01T00:00:00Z"),
                ServerFixture.record("empty", output: 0))
            // 15 + 15 + 22.5
            #expect(try await server.figures() == [48, 0, 48])
            try await server.approve(Self.rate("20"))
            try await Self.corrected(server)
            #expect(
                try await Self.posted(server) == [
                    ["after", "0.0075", "0.0075", "8"], ["at", "0.005", "0.005", "5"],
                ])
            #expect(try await server.figures() == [35, 0, 35])
            let ledger = try await server.admin("GET", "/customers/cus_1/ledger").json["data"]?.array ?? []
            #expect(
                ledger.prefix(2).map { $0.only("kind", "amount", "usage") } == [
                    ["kind": "correction", "amount": -5, "usage": "at"],
                    ["kind": "correction", "amount": -8, "usage": "after"],
                ])
            // Cheaper after all: of what was corrected before, the difference is given back.
            try await server.approve(Self.rate("10"))
            try await Self.corrected(server)
            #expect(
                try await Self.posted(server).suffix(2) == [
                    ["after", "-0.015", "-0.015", "-15"], ["at", "-0.01", "-0.01", "-10"],
                ])
            #expect(try await server.figures() == [60, 0, 60])
            // What is reported from now on has the new price, and the first receipts stay.
            let outcomes = try await server.report(
                ServerFixture.record("late", output: 1_000, at: "2026-10-20T00:00:00Z"),
                ServerFixture.record("at", output: 1_000, at: "2026-10-15T00:00:00Z"))
            #expect(outcomes.map { $0["receipt"]?["cost"] } == ["0.01", "0.015"])
            #expect(outcomes[1]["outcome"] == "duplicate")
        }
    }

    @Test func `a statement shows corrections, and adds up with them`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            _ = try await server.report(ServerFixture.record("a", output: 1_111), ServerFixture.record("b"))
            try await server.approve(Self.rate("12.34"))
            try await Self.corrected(server)
            let statement = try await server.gateway("GET", "/v1/customers/cus_1/statement?month=2026-11").json
            let lines = statement["lines"]?.array ?? []
            #expect(lines.count == 4 && statement["records"] == 2 && statement["sums"]?["records"] == 2)
            let correction = try #require(lines.first { $0["corrects"] == "a" })
            #expect(correction["charge"] == "-0.00295526" && correction["pools"] == [:])
            #expect(correction["words"]?.string?.contains("the price of a ") == true)
            // (1111 + 100) × $12.34 a million.
            #expect(statement["total"] == "0.01494374" && statement["credits"] == 14)
            #expect(statement["opening"] == "0" && statement["closing"] == "0.00094374")
            #expect(try await server.figures() == [-14, 0, -14])
        }
    }

    @Test func `a rate for the future, and the same rate again, correct nothing`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            _ = try await server.report(ServerFixture.record("a", output: 1_000))
            try await server.approve(Self.rate("20", from: "2090-01-01T00:00:00Z"))
            try await server.approve(Self.rate("15"))
            try await Self.corrected(server)
            #expect(try await Self.posted(server).isEmpty)
            #expect(try await server.figures() == [-15, 0, -15])
        }
    }

    @Test func `a call is corrected by its plan, and the sums of its month and day follow`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            try await server.plan(#"{"markup":"2","bill":"credits","included":"0.04"}"#)
            // 0.03 of 0.04 is free, then 0.02 of 0.03 is charged.
            _ = try await server.report(
                ServerFixture.record("a", output: 1_000), ServerFixture.record("b", output: 1_000))
            #expect(try await server.figures() == [-20, 0, -20])
            try await server.plan(#"{"markup":"1","bill":"none"}"#)
            try await server.approve(Self.rate("10"))
            try await Self.corrected(server)
            // Each is $0.01 less: what is charged is at last nothing.
            #expect(
                try await Self.posted(server) == [
                    ["a", "-0.005", "-0.01", "-10"], ["b", "-0.005", "-0.01", "-10"],
                ])
            #expect(try await server.figures() == [0, 0, 0])
            let faults: Int64 = try await server.sql { connection in
                try connection.execute(
                    """
                    SELECT count(*) AS count
                    FROM tollgate.usage_month m, tollgate.usage_day d
                    WHERE (m.records, m.cost, m.charge, m.marked_up, m.credits, d.records, d.cost, d.charge, d.credits)
                          <> (2, 0.02, 0, 0.04, 0, 2, 0.02, 0, 0)
                    """
                ).only["count"]
            }
            #expect(faults == 0)
        }
    }

    @Test func `a failed call that was free stays free, and what can no longer be priced stays as it is`() async throws
    {
        var charges = ChargePolicy.standard
        charges.failedCalls = .none
        try await ServerFixture.with(charges: charges) { server in
            try await server.approve()
            _ = try await server.report(
                ServerFixture.record("free", #","status":"failed""#).replacing(
                    "\"input_tokens\":0", with: "\"input_tokens\":9"),
                ServerFixture.record("batch", output: 1_000, #","batch":true"#))
            let unbatched = Self.rate("20").replacing(#","batch":"0.5""#, with: "")
            try await server.approve(unbatched)
            try await Self.corrected(server)
            #expect(try await Self.posted(server).isEmpty)
            let failed: Int64 = try await server.sql { connection in
                try connection.execute("SELECT sum(failed)::bigint AS failed FROM tollgate.rate_correction").only[
                    "failed"]
            }
            #expect(failed == 1)
        }
    }

    @Test func `nothing is charged while somebody approves rates`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            let outcomes = try await whileRatesAreApproved(server) {
                try await server.report(ServerFixture.record("a"))
            }
            #expect(outcomes[0]["outcome"] == "recorded")
        }
    }

    /// - Returns: what `body` does, which had to wait for the end of the approval.
    private func whileRatesAreApproved<T: Sendable>(
        _ server: ServerFixture, _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let running = Mutex<Task<T, any Error>?>(nil)
        try await TestDatabase.hold(server.source) { connection in
            _ = try connection.executeScript("LOCK TABLE tollgate.rate IN SHARE ROW EXCLUSIVE MODE")
        } while: {
            running.withLock { $0 = Task { try await body() } }
            try await eventually("it waits") {
                let waits: Bool = try await server.sql { connection in
                    try connection.execute(
                        """
                        SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                                       WHERE l.relation = 'tollgate.rate'::regclass AND NOT l.granted
                                         AND a.application_name = 'tollgate-usage') AS waits
                        """
                    ).only["waits"]
                }
                return waits ? true : nil
            }
        }
        return try await #require(running.withLock { $0 }).value
    }

    @Test func `thousands of calls of many customers are corrected exactly, while others come`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            func report(_ round: Int) async throws {
                let records = (0..<500).map { place in
                    ServerFixture.record("r\(round)_\(place)", of: "cus_\(place % 7)", output: Int64(100 + place))
                }
                _ = try await server.gateway(
                    "POST", "/v1/usage", body: "{\"records\":[\(records.joined(separator: ","))]}")
            }
            for round in 0..<3 { try await report(round) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.approve(Self.rate("18.5")) }
                group.addTask { for round in 3..<6 { try await report(round) } }
                try await group.waitForAll()
            }
            try await Self.corrected(server)
            let faults: Int64 = try await server.sql { connection in
                try connection.execute(
                    """
                    SELECT (SELECT count(*)
                            FROM tollgate.usage_record u
                            CROSS JOIN LATERAL (SELECT u.cost + coalesce(sum(c.cost), 0) AS cost
                                                FROM tollgate.usage_record c WHERE c.corrects = u.id) all_of_it
                            WHERE u.corrects IS NULL
                              AND all_of_it.cost <> (u.usage ->> 'output_tokens')::numeric * 18.5 / 1000000)
                         + (SELECT 3000 - count(*) FROM tollgate.usage_record WHERE corrects IS NULL)
                         + (SELECT count(*) FROM tollgate.account a
                            WHERE a.credits <> -(SELECT floor(sum(charge) / 0.001) FROM tollgate.usage_record u
                                                 WHERE u.customer_id = a.customer_id)) AS faults
                    """
                ).only["faults"]
            }
            #expect(faults == 0)
        }
    }
}
