// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// Credits spent in one step, alone and many at once.
@Suite(.serialized) struct DebitTests {
    private func many(_ server: ServerFixture, _ items: [String]) async throws -> HTTPAnswer {
        try await server.gateway("POST", "/v1/debits", body: "{\"debits\":[\(items.joined(separator: ","))]}")
    }

    private func outcomes(_ server: ServerFixture, _ items: [String]) async throws -> [String] {
        let answer = try await many(server, items)
        #expect(answer.status == 200, "\(answer.text)")
        return (try answer.json["data"]?.array ?? []).map { item in
            let words = [item["status"].flatMap(\.integer).map(String.init), item["code"]?.string]
            return words.compactMap(\.self).joined(separator: " ")
        }
    }

    @Test func `a debit spends, and repeated it is the same debit`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            let made = try await server.debit("d1", #"{"amount":30,"metadata":{"call":"a"}}"#)
            #expect(made.status == 201)
            #expect(
                try made.json.only("debit", "customer", "amount", "credits", "available") == [
                    "debit": "d1", "customer": "cus_1", "amount": 30, "credits": 70, "available": 70,
                ])
            try await server.grant(5, key: "second")
            let body = #"{"amount":30,"metadata":{"call":"a"},"allow_negative":false}"#
            let again = try await server.debit("d1", body)
            #expect(again.status == 200)
            #expect(again.body == made.body)
            for other in [#"{"amount":30}"#, #"{"amount":31,"metadata":{"call":"a"}}"#] {
                #expect(try await server.debit("d1", other).summary == "409 conflict", "\(other)")
            }
            #expect(try await server.figures() == [75, 0, 75])
            let entry = try await server.admin("GET", "/customers/cus_1/ledger?limit=2").json["data"]?.array?.last
            #expect(
                entry?.only("amount", "kind", "debit", "hold") == [
                    "amount": -30, "kind": "debit", "debit": "d1", "hold": .null,
                ])
        }
    }

    @Test func `what is held cannot be spent, unless a debit may go below zero`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            _ = try await server.hold("h1", #"{"amount":60}"#)
            let refused = try await server.debit("d1", #"{"amount":41}"#)
            #expect(refused.summary == "402 insufficient_credits")
            #expect(try refused.json["available"] == 40)
            // A refusal uses up no id.
            #expect(try await server.debit("d1", #"{"amount":40}"#).status == 201)
            let below = try await server.debit("d2", #"{"amount":70,"allow_negative":true}"#)
            #expect(below.status == 201)
            #expect(try below.json.only("credits", "available") == ["credits": -10, "available": -70])
        }
    }

    @Test func `many debits are each answered as if they were alone, in order`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            try await server.grant(50, to: "cus_2", key: "second")
            try await server.grant(50, to: "cus_3", key: "third")
            _ = try await server.admin(
                "PUT", "/customers/cus_3/override", body: #"{"allowed":false,"reason":"a test"}"#)
            #expect(try await server.debit("d0", #"{"amount":1}"#).status == 201)
            let items = [
                #"{"customer":"cus_1","debit":"d0","amount":1}"#,
                #"{"customer":"cus_1","debit":"d0","amount":2}"#,
                #"{"customer":"cus_1","debit":"d1","amount":10}"#,
                #"{"customer":"cus_9","debit":"d1","amount":10}"#,
                #"{"customer":"cus_2","debit":"d1","amount":51}"#,
                #"{"customer":"cus_2","debit":"d1","amount":50}"#,
                #"{"customer":"cus_2","debit":"d2","amount":1}"#,
                #"{"customer":"cus_3","debit":"d1","amount":1}"#,
                #"{"customer":"cus_3","debit":"d2","amount":1,"allow_negative":true}"#,
                #"{"customer":"cus_1","debit":"d1","amount":10}"#,
            ]
            #expect(
                try await outcomes(server, items) == [
                    "200", "409 conflict", "201", "404 unknown_customer", "402 insufficient_credits", "201",
                    "402 insufficient_credits", "403 override_deny", "201", "200",
                ])
            #expect(try await server.figures() == [89, 0, 89])
            #expect(try await server.figures(of: "cus_2") == [0, 0, 0])
            let again = try await many(server, items).json["data"]?.array ?? []
            #expect(
                again[2].only("status", "customer", "debit", "amount", "credits") == [
                    "status": 200, "customer": "cus_1", "debit": "d1", "amount": 10, "credits": 89,
                ])
            #expect(again[6].only("status", "available", "debit") == ["status": 402, "available": 0, "debit": "d2"])
            #expect(try await server.figures() == [89, 0, 89])
        }
    }

    @Test func `a malformed debit among many harms no other`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            let long = String(repeating: "x", count: 256)
            let bad = [
                ("5", "invalid_field"), ("null", "invalid_field"), ("[]", "invalid_field"), ("{}", "missing_field"),
                (#"{"customer":"cus_1","debit":"d1"}"#, "missing_field"),
                (#"{"customer":"cus_1","debit":"d1","amount":0}"#, "invalid_field"),
                (#"{"customer":"cus_1","debit":"d1","amount":1.5}"#, "invalid_field"),
                (#"{"customer":"cus_1","debit":"d1","amount":"1"}"#, "invalid_field"),
                (#"{"customer":"cus_1","debit":"d 1","amount":1}"#, "invalid_field"),
                (#"{"customer":"cus_1","debit":"\#(long)","amount":1}"#, "invalid_field"),
                (#"{"customer":"kunde€","debit":"d1","amount":1}"#, "invalid_field"),
                (#"{"customer":"cus_1","debit":"d1","amount":1,"allow_negativ":true}"#, "unknown_field"),
                (#"{"customer":"cus_1","debit":"d1","amount":1,"metadata":{"a":1}}"#, "invalid_field"),
            ]
            let good = #"{"customer":"cus_1","debit":"good","amount":1}"#
            let outcomes = try await outcomes(server, bad.map(\.0) + [good])
            #expect(outcomes == bad.map { "400 \($0.1)" } + ["201"])
            #expect(try await server.figures() == [99, 0, 99])
            // What is an id is named, so that the sender finds it.
            let named = try await many(server, [#"{"customer":"cus_1","debit":"d 1","amount":1}"#])
            #expect(try named.json["data"]?.array?.first?["customer"] == "cus_1")
            #expect(try named.json["data"]?.array?.first?["debit"] == nil)
        }
    }

    @Test func `a thousand debits are taken at once, one more is refused as a whole`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(10_000)
            let items = (0..<1001).map { "{\"customer\":\"cus_1\",\"debit\":\"d\($0)\",\"amount\":1}" }
            let refused = try await many(server, items)
            #expect(refused.summary == "400 invalid_field")
            #expect(try await server.figures() == [10_000, 0, 10_000])
            #expect(Set(try await outcomes(server, items.dropLast())) == ["201"])
            #expect(try await server.figures() == [9_000, 0, 9_000])
            // In their order: each sees the balance that the one before left.
            let again = try await many(server, items.dropLast()).json["data"]?.array ?? []
            #expect(again.map { $0["credits"]?.integer } == (1...1000).map { 10_000 - Int64($0) })
            #expect(try await outcomes(server, []) == [])
        }
    }

    @Test func `while the database does not answer, many debits are 503, and the same request resolves them`()
        async throws
    {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            let items = (0..<3).map { "{\"customer\":\"cus_1\",\"debit\":\"d\($0)\",\"amount\":1}" }
            try await TestDatabase.hold(server.source) { connection in
                _ = try connection.executeScript("SELECT FROM tollgate.account FOR UPDATE")
            } while: {
                let unknown = try await many(server, items)
                #expect(unknown.summary == "503 unavailable")
                #expect(unknown.headers["retry-after"] != nil)
                // What is malformed is known to be so.
                #expect(
                    try await outcomes(server, ["{}"] + items) == ["400 missing_field"]
                        + items.map { _ in "503 unavailable" })
            }
            try await eventually("the database") { try await many(server, items).status == 200 ? true : nil }
            #expect(try await server.figures() == [97, 0, 97])
        }
    }
}
