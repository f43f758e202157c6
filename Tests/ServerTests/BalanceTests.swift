// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// What a customer has to spend, in which order, and until when; and the ledger that says how it came to that.
@Suite(.serialized) struct BalanceTests {
    private func lots(_ server: ServerFixture) async throws -> [JSON] {
        (try await server.balance()["lots"]?.array ?? []).map { $0.only("id", "kind", "remaining", "held") }
    }

    @Test func `a balance shows its lots in the order in which they are spent`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            try await server.grant(10)
            let end = Timestamp(seconds: server.clock.now.seconds + 86_400)
            try await server.grant(20, expiresAt: end, key: "second")
            let balance = try await server.balance()
            #expect(
                balance.only("customer", "credits", "held", "available") == [
                    "customer": "cus_1", "credits": 530, "held": 0, "available": 530,
                ])
            #expect(
                balance["lots"] == [
                    [
                        "id": "grant_3", "kind": "grant", "remaining": 20, "held": 0,
                        "expires_at": .string("\(end)"),
                    ],
                    ["id": "grant_2", "kind": "grant", "remaining": 10, "held": 0, "expires_at": .null],
                    ["id": "pi_1", "kind": "purchase", "remaining": 500, "held": 0, "expires_at": .null],
                ])
            _ = try await server.hold("h1", #"{"amount":35}"#)
            #expect(
                try await lots(server) == [
                    ["id": "grant_3", "kind": "grant", "remaining": 20, "held": 20],
                    ["id": "grant_2", "kind": "grant", "remaining": 10, "held": 10],
                    ["id": "pi_1", "kind": "purchase", "remaining": 500, "held": 5],
                ])
            let shown = try await server.admin("GET", "/customers/cus_1").json
            #expect(shown.only("held", "available") == ["held": 35, "available": 495])
            #expect(shown["lots"] == (try await server.balance()["lots"]))
            _ = try await server.settle("h1", 25)
            #expect(
                try await lots(server) == [
                    ["id": "grant_2", "kind": "grant", "remaining": 5, "held": 0],
                    ["id": "pi_1", "kind": "purchase", "remaining": 500, "held": 0],
                ])
            let entry = try await server.admin("GET", "/customers/cus_1/ledger?limit=1").json["data"]?.array?.first
            #expect(entry?["lots"] == [["id": "grant_2", "amount": -5], ["id": "grant_3", "amount": -20]])
        }
    }

    @Test func `what has lapsed is not there to spend, and the ledger says so soon`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(10)
            let end = server.clock.now + .seconds(2)
            try await server.grant(20, expiresAt: end, key: "second")
            #expect(try await server.figures() == [30, 0, 30])
            try await eventually("the lapse") { try await server.figures() == [10, 0, 10] ? true : nil }
            #expect(try await server.hold("h1", #"{"amount":11}"#).summary == "402 insufficient_credits")
            let entry = try await eventually("the entry") {
                let ledger = try await server.admin("GET", "/customers/cus_1/ledger").json["data"]?.array
                return ledger?.first { $0["kind"] == "expiry" }
            }
            #expect(
                entry.only("amount", "balance", "lots") == [
                    "amount": -20, "balance": 10, "lots": [["id": "grant_2", "amount": -20]],
                ])
            #expect(try await server.figures() == [10, 0, 10])
        }
    }

    @Test func `a grant may lapse, but only what is given, and only in the future`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            func grant(_ body: String, key: String) async throws -> HTTPAnswer {
                try await server.admin(
                    "POST", "/customers/cus_1/credits", headers: [("Idempotency-Key", key)], body: body)
            }
            let end = "2099-01-01T00:00:00Z"
            let good = "{\"amount\":5,\"reason\":\"r\",\"expires_at\":\"\(end)\"}"
            let made = try await grant(good, key: "k1")
            #expect(made.status == 200)
            #expect(try made.json["expires_at"] == .string(end))
            #expect(try await grant(good, key: "k1").body == made.body)
            #expect(try await grant(#"{"amount":5,"reason":"r"}"#, key: "k1").summary == "409 conflict")
            for (body, summary) in [
                (#"{"amount":-5,"reason":"r","expires_at":"2099-01-01T00:00:00Z"}"#, "400 invalid_field"),
                (#"{"amount":5,"reason":"r","expires_at":"tomorrow"}"#, "400 invalid_field"),
                (#"{"amount":5,"reason":"r","expires_at":4070908800}"#, "400 invalid_field"),
                (#"{"amount":5,"reason":"r","expires_at":"2020-01-01T00:00:00Z"}"#, "409 until_passed"),
                (#"{"amount":5,"reason":"r","expire_at":"2099-01-01T00:00:00Z"}"#, "400 unknown_field"),
            ] {
                #expect(try await grant(body, key: "k2").summary == summary, "\(body)")
            }
            // A refusal uses up no key, and names no customer.
            let past = #"{"amount":5,"reason":"r","expires_at":"2020-01-01T00:00:00Z"}"#
            let refused = try await server.admin(
                "POST", "/customers/cus_typo/credits", headers: [("Idempotency-Key", "k2")], body: past)
            #expect(refused.summary == "409 until_passed")
            #expect(try await server.gateway("GET", "/v1/customers/cus_typo/access").summary == "404 unknown_customer")
            #expect(try await grant(#"{"amount":-1,"reason":"r","expires_at":null}"#, key: "k2").status == 200)
            #expect(try await server.figures() == [4, 0, 4])
        }
    }

    @Test func `the ledger is read page by page, the newest entry first`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            for number in 1...5 { try await server.grant(Int64(number), key: "k\(number)") }
            func page(_ query: String) async throws -> (numbers: [Int64?], hasMore: Bool?) {
                let page = try await server.admin("GET", "/customers/cus_1/ledger\(query)").json
                return ((page["data"]?.array ?? []).map { $0["number"]?.integer }, page["has_more"]?.bool)
            }
            #expect(try await page("") == ([5, 4, 3, 2, 1], false))
            #expect(try await page("?limit=2") == ([5, 4], true))
            #expect(try await page("?limit=2&starting_after=4") == ([3, 2], true))
            #expect(try await page("?limit=2&starting_after=2") == ([1], false))
            #expect(try await page("?starting_after=1") == ([], false))
            #expect(try await page("?starting_after=9223372036854775807&limit=1000").numbers.count == 5)
            let line = try await server.admin("GET", "/customers/cus_1/ledger?limit=1").json["data"]?.array?.first
            #expect(
                line?.only("lots", "expires_at", "hold", "debit", "operator") == [
                    "lots": [["id": "grant_5", "amount": 5]], "expires_at": .null, "hold": .null, "debit": .null,
                    "operator": "night-shift",
                ])
            for query in ["limit=0", "limit=1001", "starting_after=0", "starting_after=x", "starting_after=-1"] {
                let answer = try await server.admin("GET", "/customers/cus_1/ledger?\(query)")
                #expect(answer.summary == "400 invalid_parameter", "\(query)")
            }
            #expect(try await server.admin("GET", "/customers/cus_9/ledger").summary == "404 unknown_customer")
        }
    }

    @Test func `who asks for a minimum is told of what is available, not of what is held`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            let key = try await server.key().text
            func ask(_ minimum: Int) async throws -> String {
                try await server.inside(
                    "GET", "/v1/authorize",
                    headers: [
                        ("Tollgate-Gateway-Token", ServerFixture.gatewayToken), ("Authorization", "Bearer \(key)"),
                        ("Tollgate-Minimum-Credits", "\(minimum)"),
                    ]
                ).summary
            }
            #expect(try await ask(100) == "200")
            _ = try await server.hold("h1", #"{"amount":60}"#)
            #expect(try await ask(41) == "403 insufficient_credits")
            #expect(try await ask(40) == "200")
            _ = try await server.release("h1")
            #expect(try await ask(100) == "200")
        }
    }

    @Test func `what a settlement took away shows in the timeline, with the hold or debit that did it`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(10)
            _ = try await server.hold("h1", #"{"amount":10}"#)
            #expect(try await server.access()["allowed"] == true)
            _ = try await server.settle("h1", 10)
            try await eventually("the flag") { try await server.access()["reason"] == "credits_exhausted" ? true : nil }
            try await server.grant(10, key: "second")
            _ = try await server.debit("d1", #"{"amount":10}"#)
            let timeline = try await server.admin("GET", "/customers/cus_1").json["timeline"]?.array ?? []
            #expect(
                timeline.compactMap { $0["cause"]?.only("kind", "hold", "debit") } == [
                    ["kind": "operator"], ["kind": "hold", "hold": "h1"], ["kind": "operator"],
                    ["kind": "debit", "debit": "d1"],
                ])
        }
    }
}
