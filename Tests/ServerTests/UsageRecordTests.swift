// SPDX-License-Identifier: Apache-2.0

import Billing
import Metering
import Notation
import Postgres
import Store
import TestSupport
import Testing

@testable import Server

/// What calls have used, as gateways report it: each is charged once, exactly.
@Suite struct UsageRecordTests {
    @Test func `a call is charged to the last digit, and what is less than a credit is carried`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            try await server.plan(#"{"markup":"1.33","bill":"credits"}"#)
            try await server.grant(100)
            let call = """
                {"id":"msg_1","customer":"cus_1","provider":"anthropic","dialect":"anthropic","model":"sonnet",
                 "at":"2026-11-01T12:00:00Z","usage":{"input_tokens":3,"output_tokens":550,
                 "cache_creation_input_tokens":12304,"cache_read_input_tokens":0}}
                """
            let outcome = try #require(try await server.report(call).first)
            #expect(outcome["outcome"] == "recorded" && outcome["id"] == "msg_1")
            let receipt = try #require(outcome["receipt"])
            #expect(receipt["cost"] == "0.054399" && receipt["charge"] == "0.07235067")
            #expect(receipt["credits"] == 72 && receipt["remainder"] == "0.00035067")
            let lines = receipt["lines"]?.array ?? []
            #expect(
                lines.map { $0.only("pool", "quantity", "rate", "cost") } == [
                    ["pool": "input", "quantity": 3, "rate": "3", "cost": "0.000009"],
                    ["pool": "output", "quantity": 550, "rate": "15", "cost": "0.00825"],
                    ["pool": "cache_write_5m", "quantity": 12304, "rate": "3.75", "cost": "0.04614"],
                ])
            #expect(try await server.figures() == [28, 0, 28])
            let ledger = try await server.admin("GET", "/customers/cus_1/ledger").json["data"]?[0]
            #expect(
                ledger?.only("kind", "amount", "usage", "business_key") == [
                    "kind": "usage", "amount": -72, "usage": "msg_1", "business_key": "usage:msg_1",
                ])
            // 0.0015 × 1.33 = 0.001995, and what was carried.
            let next = try await server.report(ServerFixture.record("msg_2"))[0]["receipt"]
            #expect(next?["charge"] == "0.001995" && next?["credits"] == 2 && next?["remainder"] == "0.00034567")
        }
    }

    @Test func `the same again has the first receipt, and another body is a conflict`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            let first = try await server.report(ServerFixture.record("a"), ServerFixture.record("a"))
            #expect(first.map { $0["outcome"] } == ["recorded", "duplicate"])
            #expect(first[0]["receipt"] == first[1]["receipt"] && first[0]["receipt"] != nil)
            // Defaults that are written out, and another order, are no other body.
            let same = #"""
                {"usage":{"output_tokens":100,"input_tokens":0},"batch":false,"status":"ok","customer":"cus_1","id":"a",
                 "provider":"anthropic","dialect":"anthropic","model":"sonnet","at":"2026-11-01T13:00:00+01:00"}
                """#
            let again = try await server.report(same, ServerFixture.record("a", output: 101))
            #expect(again.map { $0["outcome"] } == ["duplicate", "conflict"])
            #expect(again[0]["receipt"] == first[0]["receipt"] && again[1]["receipt"] == nil)
            // One space of ids: another customer's is none of its own.
            #expect(
                try await server.report(ServerFixture.record("a", of: "cus_2"))[0]["outcome"] == "conflict")
            #expect(try await server.figures() == [-1, 0, -1])
        }
    }

    @Test func `one that is malformed harms no other`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            let outcomes = try await server.report(
                ServerFixture.record("a"), #"{"id":"b"}"#, "7", ServerFixture.record("c", #","x":1"#),
                #"{"id":"d","provider":"own","dialect":"tokens","model":"m","at":"2026-11-01T12:00:00Z"}"#,
                ServerFixture.record("e", #","hold":"/""#),
                ServerFixture.record("f", of: "cus_2", output: -1), ServerFixture.record("g"),
                ServerFixture.record("corr_1"))
            #expect(
                outcomes.map { $0["outcome"] } == [
                    "recorded", "invalid", "invalid", "invalid", "invalid", "invalid", "quarantined", "recorded",
                    "invalid",
                ])
            #expect(outcomes.map { $0["id"]?.string } == ["a", "b", nil, "c", "d", "e", "f", "g", "corr_1"])
            #expect(outcomes.allSatisfy { ($0["error"] == nil) == ($0["outcome"] == "recorded") })
            let many = (0...1000).map { ServerFixture.record("m\($0)") }.joined(separator: ",")
            #expect(try await server.gateway("POST", "/v1/usage", body: "{\"records\":[\(many)]}").status == 400)
            #expect(try await server.inside("POST", "/v1/usage", body: "{\"records\":[]}").status == 401)
            #expect(try await server.report().isEmpty)
        }
    }

    @Test func `usage is debited below zero, and the flag follows`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            try await server.grant(1)
            #expect(try await server.access()["allowed"] == true)
            // $15: 15,000 credits.
            #expect(
                try await server.report(ServerFixture.record("a", output: 1_000_000))[0]["receipt"]?["credits"]
                    == 15_000)
            #expect(try await server.figures() == [-14_999, 0, -14_999])
            let answer = try await server.access()
            #expect(answer["allowed"] == false && answer["reason"] == "credits_exhausted")
        }
    }

    @Test func `a customer that nobody has named is named by its calls`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            let outcomes = try await server.report(
                ServerFixture.record("a", of: "cus_new", output: 200), ServerFixture.record("b", of: "cus_new"),
                ServerFixture.record("c", of: "cus_odd", output: -1))
            #expect(outcomes.map { $0["outcome"] } == ["recorded", "recorded", "quarantined"])
            #expect(try await server.figures(of: "cus_new") == [-4, 0, -4])
            #expect(try await server.access("cus_new")["allowed"] == false)
            #expect(try await server.access("cus_odd")["allowed"] == false)
        }
    }

    @Test func `a key's calls are its customer's, also once it is disabled`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            try await server.grant(100)
            let key = try await server.key().id
            func record(_ id: String, _ customer: String?, key: String) -> String {
                let owner = customer.map { "\"customer\":\"\($0)\"," } ?? ""
                return """
                    {"id":"\(id)",\(owner)"key":"\(key)","provider":"own","dialect":"tokens","model":"images",
                     "at":"2026-11-01T12:00:00Z","usage":{"unit:image":1}}
                    """
            }
            let outcomes = try await server.report(
                record("a", nil, key: key), record("b", "cus_1", key: key), record("c", "cus_2", key: key),
                record("d", nil, key: "key_nobody"))
            #expect(outcomes.map { $0["outcome"] } == ["recorded", "recorded", "quarantined", "quarantined"])
            #expect(try await server.figures() == [20, 0, 20])
            _ = try await server.admin("POST", "/keys/\(key)/disable")
            #expect(try await server.report(record("e", nil, key: key))[0]["outcome"] == "recorded")
            // Test calls never reach live billing.
            try await server.sql { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO tollgate.api_key (id, customer_id, sha256, livemode, created_by)
                    VALUES ('key_test', 'cus_1', sha256('x'), false, 'a test')
                    """)
            }
            let test = try await server.report(record("f", nil, key: "key_test"))[0]
            #expect(test["outcome"] == "quarantined" && test["error"]?.string?.contains("test calls") == true)
            #expect(try await server.figures() == [-20, 0, -20])
        }
    }

    @Test(arguments: [
        ("ok", #"{"input_tokens":1000,"output_tokens":100}"#, "0.0045"),
        ("aborted", #"{"input_tokens":1000,"output_tokens":100}"#, "0.0045"),
        ("failed", #"{"input_tokens":1000,"output_tokens":100}"#, "0.003"),
        ("failed", "null", "0"),
        ("refused", #"{"input_tokens":1000,"output_tokens":0}"#, "0"),
        ("refused", #"{"input_tokens":1000,"output_tokens":100}"#, "0.0045"),
    ])
    func `how a call ended says what of it is charged`(_ status: String, _ usage: String, _ cost: String) async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            let record = """
                {"id":"a","customer":"cus_1","provider":"anthropic","dialect":"anthropic","model":"sonnet",
                 "at":"2026-11-01T12:00:00Z","status":"\(status)","usage":\(usage)}
                """
            let outcome = try await server.report(record)[0]
            #expect(outcome["outcome"] == "recorded" && outcome["receipt"]?["cost"]?.string == cost)
        }
    }

    @Test func `nothing of a failed call is charged where that is configured`() async throws {
        var charges = ChargePolicy.standard
        charges.failedCalls = .none
        try await ServerFixture.with(charges: charges) { server in
            try await server.approve()
            let outcome = try await server.report(ServerFixture.record("a", #","status":"failed""#))[0]
            #expect(outcome["receipt"]?["cost"] == "0" && outcome["receipt"]?["lines"] == [])
        }
    }

    @Test func `what is more than 35 days old is charged and marked`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            let now = Timestamp.now
            let ages = [("old", 35 * 86_400 + 60), ("young", 35 * 86_400 - 60)]
            var marks: [JSON?] = []
            for (id, age) in ages {
                _ = try await server.report(ServerFixture.record(id, at: "\(now - .seconds(age))"))
                marks.append(try await server.gateway("GET", "/v1/customers/cus_1/usage/\(id)").json["marks"])
            }
            #expect(marks == [["late"], []])
            #expect(try await server.figures() == [-3, 0, -3])
        }
    }

    @Test func `tiers and what is included count by the month of the call`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            try await server.plan(
                #"{"markup":"1","bill":"credits","included":"15","tiers":[{"above":"30","markup":"2"}]}"#)
            func charge(_ id: String, _ at: String) async throws -> JSON? {
                try await server.report(ServerFixture.record(id, output: 1_000_000, at: at))[0]["receipt"]?["charge"]
            }
            #expect(try await charge("a", "2026-10-31T23:59:59.999999Z") == "0")
            #expect(try await charge("b", "2026-10-01T00:00:00Z") == "15")
            #expect(try await charge("c", "2026-11-01T00:00:00Z") == "0")
            #expect(try await charge("d", "2026-10-15T00:00:00+00:00") == "30")
            #expect(try await charge("e", "2026-10-31T23:30:00-01:00") == "15")
        }
    }

    @Test func `64 copies of one record at once are one debit, also through two processes`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            try await server.grant(1_000)
            let other = Store(server.source, logger: LogRecord().logger)
            let policies = UsageStore.Policies(access: Policy(), charges: .standard)
            let call = UsageRecord(
                provider: "anthropic", dialect: .anthropic, model: "sonnet",
                usage: ["input_tokens": 0, "output_tokens": 1_000])
            let report = UsageReport(
                id: "a", customer: "cus_1", key: nil, call: call, at: Timestamp(seconds: 1_793_534_400))
            let reported = try #require(ReportedUsage(report))
            let outcomes = try await withThrowingTaskGroup(of: UsageOutcome.self) { group in
                for place in 0..<64 {
                    let store = place.isMultiple(of: 2) ? server.store : other
                    group.addTask {
                        try await withCheckedThrowingContinuation { continuation in
                            store.usage.record(reported, policies: policies, by: .now + .seconds(60)) {
                                continuation.resume(with: $0)
                            }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await other.close()
            let recorded = outcomes.filter { if case .recorded = $0 { true } else { false } }
            #expect(recorded.count == 1 && outcomes.count == 64)
            #expect(Set(outcomes).count == 2)
            #expect(try await server.figures() == [985, 0, 985])
        }
    }

    @Test func `what is kept adds up from record to record, and to the sums of days and months`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            try await server.plan(#"{"markup":"1.3337","bill":"credits"}"#)
            var random = SeededRandom(20_261_129)
            for round in 0..<20 {
                let records = (0..<50).map { place in
                    ServerFixture.record(
                        "r\(round)_\(place)", of: "cus_\(Int.random(in: 0..<3, using: &random))",
                        output: .random(in: 0..<5_000, using: &random),
                        at: Bool.random(using: &random) ? "2026-10-31T12:00:00Z" : "2026-11-01T12:00:00Z")
                }
                _ = try await server.gateway(
                    "POST", "/v1/usage", body: "{\"records\":[\(records.joined(separator: ","))]}")
            }
            let faults: Int64 = try await server.sql { connection in
                try connection.execute(
                    """
                    SELECT (SELECT count(*)
                            FROM (SELECT number, carried,
                                         lag(remainder, 1, 0) OVER (PARTITION BY customer_id ORDER BY number) AS before,
                                         row_number() OVER (PARTITION BY customer_id ORDER BY number) AS place
                                  FROM tollgate.usage_record) r
                            WHERE carried <> before OR number <> place)
                         + (SELECT count(*)
                            FROM tollgate.usage_month m
                            CROSS JOIN LATERAL (
                                SELECT count(*) AS records, sum(cost) AS cost, sum(charge) AS charge,
                                       sum(credits) AS credits, sum(remainder - carried) AS moved
                                FROM tollgate.usage_record u
                                WHERE u.customer_id = m.customer_id
                                  AND date_trunc('month', u.at AT TIME ZONE 'UTC') = m.month) u
                            WHERE (m.records, m.cost, m.charge, m.credits, m.moved, m.marked_up)
                                  <> (u.records, u.cost, u.charge, u.credits, u.moved, u.charge))
                         + (SELECT count(*)
                            FROM tollgate.usage_day d
                            CROSS JOIN LATERAL (
                                SELECT count(*) AS records, sum(cost) AS cost, sum(charge) AS charge,
                                       sum(credits) AS credits, sum((lines -> 0 ->> 'quantity')::bigint) AS output
                                FROM tollgate.usage_record u
                                WHERE u.customer_id = d.customer_id AND (u.at AT TIME ZONE 'UTC')::date = d.day) u
                            WHERE (d.records, d.cost, d.charge, d.credits, d.output)
                                  <> (u.records, u.cost, u.charge, u.credits, u.output))
                         + (SELECT count(*)
                            FROM tollgate.account a
                            CROSS JOIN LATERAL (SELECT sum(credits) AS credits FROM tollgate.usage_record u
                                                WHERE u.customer_id = a.customer_id) u
                            WHERE a.credits <> -u.credits)
                         + (SELECT 1000 - count(*) FROM tollgate.usage_record) AS faults
                    """
                ).only["faults"]
            }
            #expect(faults == 0)
        }
    }
}
