// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// Credits that are kept for a call, and what becomes of them.
@Suite(.serialized) struct HoldTests {
    @Test func `a hold keeps credits, and repeated it is the same hold`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            let made = try await server.hold("h1", #"{"amount":60,"ttl":"10m"}"#)
            #expect(made.status == 201)
            let hold = try made.json
            #expect(
                hold.only("hold", "customer", "status", "granted", "available") == [
                    "hold": "h1", "customer": "cus_1", "status": "open", "granted": 60, "available": 40,
                ])
            let begun = try #require(hold["created_at"]?.string.flatMap(Timestamp.init(rfc3339:)))
            let end = try #require(hold["expires_at"]?.string.flatMap(Timestamp.init(rfc3339:)))
            #expect(end == begun + .seconds(600))
            #expect(try await server.figures() == [100, 60, 40])
            // Another hold in between: the repetition says what was said at first.
            #expect(try await server.hold("h2", #"{"amount":40}"#).json["available"] == 0)
            let again = try await server.hold("h1", #"{"amount":60,"minimum":60,"ttl":"600s","on_expiry":"release"}"#)
            #expect(again.status == 200)
            #expect(again.body == made.body)
            #expect(try await server.figures() == [100, 100, 0])
        }
    }

    @Test func `a settlement debits what was used, and gives back the rest`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            _ = try await server.hold("h1", #"{"amount":60}"#)
            let settled = try await server.settle("h1", 25)
            #expect(settled.status == 200)
            let document: JSON = [
                "hold": "h1", "status": "settled", "granted": 60, "debited": 25, "released": 35, "overdraft": 0,
                "credits": 75, "available": 75, "late": false,
            ]
            let names = document.object?.keys.sorted() ?? []
            func parts(_ json: JSON) -> JSON { .object((json.object ?? [:]).filter { names.contains($0.key) }) }
            #expect(parts(try settled.json) == document)
            try await server.grant(5, key: "second")
            let again = try await server.settle("h1", 25)
            #expect(again.status == 200)
            #expect(again.body == settled.body)
            #expect(try await server.settle("h1", 24).summary == "409 conflict")
            #expect(try await server.figures() == [80, 0, 80])
            #expect(parts(try await server.hold("h1")) == document)
            let ledger = try await server.admin("GET", "/customers/cus_1/ledger").json["data"]?.array ?? []
            #expect(ledger.map { $0["amount"]?.integer } == [5, -25, 100])
            #expect(ledger.map { $0["hold"]?.string } == [nil, "h1", nil])
            #expect(ledger.map { $0["kind"]?.string } == ["grant", "settlement", "grant"])
        }
    }

    @Test func `nothing used takes nothing; more than was granted is debited in full`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            _ = try await server.hold("h1", #"{"amount":60}"#)
            let nothing = try await server.settle("h1", 0).json
            #expect(nothing.only("debited", "released") == ["debited": 0, "released": 60])
            #expect(try await server.figures() == [100, 0, 100])
            _ = try await server.hold("h2", #"{"amount":60}"#)
            let more = try await server.settle("h2", 240).json
            #expect(
                more.only("debited", "released", "overdraft", "credits", "available") == [
                    "debited": 240, "released": 0, "overdraft": 140, "credits": -140, "available": -140,
                ])
            let next = try await server.hold("h3", #"{"amount":1}"#)
            #expect(next.summary == "402 insufficient_credits")
            #expect(try next.json["available"] == -140)
            #expect(try await server.balance()["lots"] == [])
        }
    }

    @Test func `a release gives everything back, and ends the hold for ever`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            _ = try await server.hold("h1", #"{"amount":60}"#)
            for _ in 0..<2 {
                let released = try await server.release("h1")
                #expect(released.status == 200)
                #expect(try released.json.only("status", "available") == ["status": "released", "available": 100])
            }
            #expect(try await server.settle("h1", 1).summary == "409 hold_released")
            #expect(try await server.extend("h1", "1m").summary == "409 hold_released")
            for body in [#"{"amount":60}"#, #"{"amount":1}"#] {
                #expect(try await server.hold("h1", body).summary == "409 hold_resolved")
            }
            #expect(try await server.figures() == [100, 0, 100])
        }
    }

    @Test func `what is settled can neither be released nor extended, and its id cannot be used again`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            _ = try await server.hold("h1", #"{"amount":60}"#)
            _ = try await server.settle("h1", 10)
            #expect(try await server.release("h1").summary == "409 hold_settled")
            #expect(try await server.extend("h1", "1m").summary == "409 hold_settled")
            #expect(try await server.hold("h1", #"{"amount":60}"#).summary == "409 hold_resolved")
            #expect(try await server.figures() == [90, 0, 90])
        }
    }

    @Test func `a hold takes what there is, down to the minimum`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            let some = try await server.hold("h1", #"{"amount":150,"minimum":100}"#)
            #expect(some.status == 201)
            #expect(try some.json.only("granted", "available") == ["granted": 100, "available": 0])
            #expect(try await server.release("h1").status == 200)
            for body in [#"{"amount":150,"minimum":101}"#, #"{"amount":101}"#] {
                let refused = try await server.hold("h2", body)
                #expect(refused.summary == "402 insufficient_credits")
                #expect(try refused.json["available"] == 100)
            }
            // A refusal uses up no id.
            #expect(try await server.hold("h2", #"{"amount":100}"#).status == 201)
        }
    }

    @Test func `the same id with other terms is a conflict while the hold is open`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            _ = try await server.hold("h1", #"{"amount":60,"metadata":{"call":"a"}}"#)
            for body in [
                #"{"amount":61,"metadata":{"call":"a"}}"#, #"{"amount":60}"#,
                #"{"amount":60,"metadata":{"call":"a"},"minimum":1}"#, #"{"amount":60,"metadata":{"call":"b"}}"#,
                #"{"amount":60,"metadata":{"call":"a"},"ttl":"11m"}"#,
                #"{"amount":60,"metadata":{"call":"a"},"on_expiry":"settle"}"#,
            ] {
                #expect(try await server.hold("h1", body).summary == "409 conflict", "\(body)")
            }
            // Another customer's hold has an id of its own.
            try await server.grant(7, to: "cus_2", key: "second")
            #expect(try await server.hold("h1", of: "cus_2", #"{"amount":7}"#).status == 201)
            #expect(try await server.figures() == [100, 60, 40])
        }
    }

    @Test func `a hold that nobody settles is given back when it expires, and can still be settled`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            _ = try await server.hold("h1", #"{"amount":60,"ttl":"1s"}"#)
            try await eventually("the expiry") { try await server.hold("h1")["status"] == "expired" ? true : nil }
            #expect(try await server.figures() == [100, 0, 100])
            let released = try await server.release("h1")
            #expect(released.status == 200)
            #expect(try released.json["status"] == "expired")
            #expect(try await server.extend("h1", "1m").summary == "409 hold_expired")
            #expect(try await server.hold("h1", #"{"amount":60,"ttl":"1s"}"#).summary == "409 hold_resolved")
            let late = try await server.settle("h1", 25)
            #expect(late.status == 200)
            #expect(
                try late.json.only("status", "debited", "late", "credits") == [
                    "status": "settled", "debited": 25, "late": true, "credits": 75,
                ])
            #expect(try await server.settle("h1", 25).body == late.body)
        }
    }

    @Test func `a hold that is settled by its expiry can be corrected later`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            _ = try await server.hold("h1", #"{"amount":60,"ttl":"1s","on_expiry":"settle"}"#)
            try await eventually("the expiry") { try await server.hold("h1")["status"] == "settled" ? true : nil }
            #expect(try await server.figures() == [40, 0, 40])
            #expect(try await server.hold("h1")["debited"] == 60)
            #expect(try await server.release("h1").summary == "409 hold_settled")
            let late = try await server.settle("h1", 25).json
            #expect(late.only("debited", "late", "credits") == ["debited": 25, "late": true, "credits": 75])
            #expect(try await server.settle("h1", 60).summary == "409 conflict")
            #expect(try await server.figures() == [75, 0, 75])
        }
    }

    @Test func `a hold is extended from now, and never shortened`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            let made = try await server.hold("h1", #"{"amount":60,"ttl":"10m"}"#).json
            func end(_ json: JSON) throws -> Timestamp {
                try #require(json["expires_at"]?.string.flatMap(Timestamp.init(rfc3339:)))
            }
            let first = try end(made)
            let shorter = try await server.extend("h1", "1s")
            #expect(shorter.status == 200)
            #expect(try end(try shorter.json) == first)
            let longer = try await server.extend("h1", "24h").json
            #expect(try end(longer) > first + .seconds(23 * 3600))
            #expect(try end(try await server.hold("h1")) == end(longer))
            #expect(longer["status"] == "open")
        }
    }

    @Test func `a hold shows what was asked for, and holds are listed`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            let metadata = #"{"model":"große 模型 😀","request":"\"1\""}"#
            let body = "{\"amount\":60,\"minimum\":2,\"on_expiry\":\"settle\",\"metadata\":\(metadata)}"
            #expect(try await server.hold("h1", body).status == 201)
            let hold = try await server.hold("h1")
            #expect(hold["metadata"] == ["model": "große 模型 😀", "request": "\"1\""])
            #expect(
                hold.only("amount", "minimum", "on_expiry", "ended_at") == [
                    "amount": 60, "minimum": 2, "on_expiry": "settle", "ended_at": .null,
                ])
            for id in ["h2", "h3"] { #expect(try await server.hold(id, #"{"amount":1}"#).status == 201) }
            _ = try await server.release("h2")
            func list(_ query: String) async throws -> (ids: [String?], hasMore: Bool?) {
                let page = try await server.gateway("GET", "/v1/customers/cus_1/holds\(query)").json
                return ((page["data"]?.array ?? []).map { $0["hold"]?.string }, page["has_more"]?.bool)
            }
            #expect(try await list("") == (["h1", "h2", "h3"], false))
            #expect(try await list("?status=open") == (["h1", "h3"], false))
            #expect(try await list("?status=released") == (["h2"], false))
            #expect(try await list("?status=settled").ids == [])
            #expect(try await list("?status=open&limit=1") == (["h1"], true))
            #expect(try await list("?status=open&limit=1&starting_after=h1") == (["h3"], false))
            #expect(try await list("?starting_after=h3").ids == [])
            #expect(try await list("?starting_after=h11").ids == ["h2", "h3"])
        }
    }

    @Test func `of a thousand holds of 1 at once on 10 credits, exactly 10 are granted`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(10)
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for place in 0..<1000 {
                    group.addTask { try await server.hold("h\(place)", #"{"amount":1}"#).summary }
                }
                return try await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(answers == ["201": 10, "402 insufficient_credits": 990])
            #expect(try await server.figures() == [10, 10, 0])
        }
    }

    @Test func `while the database does not answer, a hold's outcome is unknown, and the same request resolves it`()
        async throws
    {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            try await TestDatabase.hold(server.source) { connection in
                _ = try connection.executeScript("SELECT FROM tollgate.account FOR UPDATE")
            } while: {
                let unknown = try await server.hold("h1", #"{"amount":60}"#)
                #expect(unknown.summary == "503 unavailable")
                #expect(unknown.headers["retry-after"] != nil)
                #expect(try unknown.json["detail"]?.string?.contains("same request again") == true)
            }
            let resolved = try await eventually("the database") {
                let answer = try await server.hold("h1", #"{"amount":60}"#)
                return answer.status == 503 ? nil : answer
            }
            #expect([200, 201].contains(resolved.status))
            #expect(try await server.figures() == [100, 60, 40])
        }
    }
}
