// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres
import TestSupport
import Testing

@testable import Server

/// What cannot be charged waits, and says why.
@Suite struct UsageQuarantineTests {
    @Test func `a model without a rate waits for one, and is then charged once`() async throws {
        try await ServerFixture.with { server in
            let outcome = try await server.report(ServerFixture.record("a"))[0]
            #expect(outcome["outcome"] == "quarantined" && outcome["receipt"] == nil)
            #expect(outcome["error"]?.string?.contains("has no rate") == true)
            let waiting = try #require(try await server.quarantined().first)
            #expect(
                waiting.only("id", "status", "customer", "reason", "attempts", "operator") == [
                    "id": "a", "status": "quarantined", "customer": "cus_1", "reason": "no_rate", "attempts": 1,
                    "operator": .null,
                ])
            #expect(waiting["report"]?["usage"]?["output_tokens"] == 100)
            // Still not.
            let early = try await server.admin("POST", "/usage/a/replay")
            #expect(try early.status == 200 && early.json["outcome"] == "quarantined")
            #expect(try await server.quarantined().first?["attempts"] == 2)
            try await server.approve()
            let replay = try await server.admin("POST", "/usage/a/replay")
            #expect(try replay.json["outcome"] == "recorded" && replay.json["receipt"]?["cost"] == "0.0015")
            #expect(try await server.figures() == [-1, 0, -1])
            #expect(try await server.quarantined().isEmpty)
            let done = try #require(try await server.quarantined("status=recorded").first)
            #expect(done["operator"] == "night-shift" && done["attempts"] == 3)
            let again = try await server.admin("POST", "/usage/a/replay")
            #expect(try again.status == 409 && again.json["code"] == "usage_not_quarantined")
            #expect(try await server.report(ServerFixture.record("a"))[0]["outcome"] == "duplicate")
            #expect(try await server.figures() == [-1, 0, -1])
        }
    }

    @Test func `another body takes the place of a quarantined one, and the same is tried again`() async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            #expect(try await server.report(ServerFixture.record("a", output: -5))[0]["outcome"] == "quarantined")
            #expect(try await server.report(ServerFixture.record("a", output: -6))[0]["outcome"] == "quarantined")
            let waiting = try await server.quarantined()
            #expect(waiting.count == 1 && waiting[0]["report"]?["usage"]?["output_tokens"] == -6)
            #expect(try await server.report(ServerFixture.record("a", output: 5))[0]["outcome"] == "recorded")
            #expect(try await server.report(ServerFixture.record("a", output: -6))[0]["outcome"] == "conflict")
            #expect(try await server.quarantined().isEmpty)
        }
    }

    @Test func `one that an operator discards is never charged, but another report of the call may be`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.report(ServerFixture.record("a"))
            let body = #"{"reason":"a trial of ours"}"#
            #expect(try await server.admin("POST", "/usage/b/discard", body: body).status == 404)
            let discarded = try await server.admin("POST", "/usage/a/discard", body: body)
            #expect(discarded.status == 200, "\(discarded.text)")
            #expect(
                try discarded.json.only("status", "note", "operator") == [
                    "status": "discarded", "note": "a trial of ours", "operator": "night-shift",
                ])
            #expect(try await server.admin("POST", "/usage/a/discard", body: body).status == 409)
            #expect(try await server.admin("POST", "/usage/a/replay").status == 409)
            try await server.approve()
            let same = try await server.report(ServerFixture.record("a"))[0]
            #expect(same["outcome"] == "duplicate" && same["receipt"] == nil && same["error"] != nil)
            #expect(try await server.report(ServerFixture.record("a", output: 101))[0]["outcome"] == "recorded")
        }
    }

    @Test(arguments: [
        (#""model":"sonnet","usage":{"input_tokens":1,"output_tokens":1.5}"#, "invalid_usage"),
        (#""model":"sonnet","usage":null"#, "invalid_usage"),
        (#""model":"sonnet","usage":{"input_tokens":1,"output_tokens":1,"speed":"fast"}"#, "no_price"),
        (#""model":"other","usage":{"input_tokens":1,"output_tokens":1}"#, "no_rate"),
    ])
    func `what is wrong is named`(_ members: String, _ reason: String) async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            let record = """
                {"id":"a","customer":"cus_1","provider":"anthropic","dialect":"anthropic","at":"2026-11-01T12:00:00Z",
                 \(members)}
                """
            #expect(try await server.report(record)[0]["outcome"] == "quarantined")
            #expect(try await server.quarantined()[0]["reason"]?.string == reason)
        }
    }

    @Test func `a clock that is ahead by more than five minutes, or a plan that is not there, quarantines`()
        async throws
    {
        var charges = ChargePolicy.standard
        charges.plan = "nobodys"
        try await ServerFixture.with(charges: charges) { server in
            try await server.approve()
            let now = Timestamp.now
            let records = [("a", 240), ("b", 600)].map { id, lead in
                ServerFixture.record(id, at: "\(now + .seconds(lead))")
            }
            _ = try await server.report(records[0], records[1])
            #expect(try await server.quarantined().map { $0["reason"] } == ["no_plan", "at_in_future"])
            try await server.plan(#"{"markup":"1","bill":"none"}"#, named: "nobodys")
            let replay = try await server.admin("POST", "/usage/a/replay").json
            #expect(replay["outcome"] == "recorded" && replay["receipt"]?["credits"] == 0)
            #expect(try await server.admin("POST", "/usage/b/replay").json["outcome"] == "quarantined")
        }
    }

    @Test func `a model that is used and has no price is found by the lint of any draft, unless that names it`()
        async throws
    {
        try await ServerFixture.with { server in
            _ = try await server.report(
                ServerFixture.record("a"), ServerFixture.record("b").replacing("sonnet", with: "opus"))
            let preview = try await server.admin(
                "POST", "/rates/drafts", body: ServerFixture.rates.dropLast(1) + #","dry_run":true}"#)
            let findings = try preview.json["findings"]?.array ?? []
            #expect(
                findings.map { $0.only("kind", "model") } == [["kind": "missing", "model": "opus"]], "\(preview.text)")
        }
    }

    @Test func `the list has pages`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.report(
                ServerFixture.record("a"), ServerFixture.record("b", of: "cus_2"), ServerFixture.record("c"))
            let first = try await server.admin("GET", "/usage?limit=2").json
            #expect(first["data"]?.array?.map { $0["id"] } == ["a", "b"] && first["has_more"] == true)
            let rest = try await server.admin("GET", "/usage?limit=2&starting_after=b").json
            #expect(rest["data"]?.array?.map { $0["id"] } == ["c"] && rest["has_more"] == false)
            #expect(try await server.quarantined("customer=cus_2").map { $0["id"] } == ["b"])
            #expect(try await server.admin("GET", "/usage?status=lost").status == 400)
        }
    }

    @Test func `more than can be counted is refused, and harms no other`() async throws {
        try await ServerFixture.with { server in
            try await server.approve(
                #"{"rates":[{"provider":"own","model":"m","effective_at":"2026-01-01T00:00:00Z","unit:x":"1000000"}]}"#)
            func record(_ id: String, _ count: Int64) -> String {
                """
                {"id":"\(id)","customer":"cus_1","provider":"own","dialect":"tokens","model":"m",
                 "at":"2026-11-01T12:00:00Z","usage":{"unit:x":\(count)}}
                """
            }
            // Each takes 10^15 credits, as much as one call may.
            let outcomes = try await server.report(record("a", 1_000_001), record("b", 1_000_000), record("c", 1))
            #expect(outcomes.map { $0["outcome"] } == ["quarantined", "recorded", "recorded"])
            #expect(try await server.quarantined()[0]["reason"] == "amount_too_large")
            #expect(try await server.figures() == [-1_000_001_000_000_000, 0, -1_000_001_000_000_000])
        }
    }
}
