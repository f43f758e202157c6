// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// What operators see and do with customers.
@Suite(.serialized) struct AdminCustomerTests {
    private func override(_ server: ServerFixture, _ body: String, customer: String = "cus_1") async throws
        -> HTTPAnswer
    {
        try await server.admin("PUT", "/customers/\(customer)/override", body: body)
    }

    private func grant(
        _ server: ServerFixture,
        _ body: String,
        key: String? = "key-1",
        customer: String = "cus_1"
    ) async throws -> HTTPAnswer {
        let headers = key.map { [("Idempotency-Key", $0)] } ?? []
        return try await server.admin("POST", "/customers/\(customer)/credits", headers: headers, body: body)
    }

    private func timeline(_ server: ServerFixture, _ customer: String = "cus_1") async throws -> [JSON] {
        try await server.admin("GET", "/customers/\(customer)").json["timeline"]?.array ?? []
    }

    // MARK: The statement

    @Test func `a statement shows the decision and all it rests on`() async throws {
        try await ServerFixture.with { server in
            #expect(try await server.admin("GET", "/customers/cus_1").summary == "404 unknown_customer")
            let failed = Timestamp(seconds: 4_070_908_800)
            try await server.handle([
                Events.invoice("invoice.paid", id: "evt_1", created: failed, periodEnd: failed),
                Events.invoice("invoice.payment_failed", id: "evt_2", created: failed, invoice: "in_2"),
                Events.checkout(id: "evt_3"),
            ])
            let statement = try await server.admin("GET", "/customers/cus_1").json
            #expect(statement["customer"] == "cus_1")
            #expect(statement["override"] == nil)
            let decision = try #require(statement["decision"])
            #expect(decision["allowed"] == true)
            #expect(decision["reason"] == "grace_period")
            #expect(decision["until"] == "2099-01-04T00:00:00Z")
            #expect(decision["credits"] == 500)
            #expect(decision["version"] == (try await server.access()["version"]))
            #expect(
                statement["subscriptions"] == [
                    [
                        "id": "sub_1", "status": .null, "paid": true, "paid_through": "2099-01-01T00:00:00Z",
                        "paid_period_ends_at": "2099-01-01T00:00:00Z", "suspended": false, "resumes_at": .null,
                    ]
                ])
            #expect(
                statement["invoices"] == [
                    [
                        "id": "in_2", "status": "open", "subscription": "sub_1", "billing_reason": "subscription_cycle",
                        "collection_method": .null,
                        "first_failed_at": "2099-01-01T00:00:00Z", "grace_ends_at": "2099-01-04T00:00:00Z",
                        "is_debt": true,
                    ],
                    [
                        "id": "in_1", "status": "paid", "subscription": "sub_1", "billing_reason": "subscription_cycle",
                        "collection_method": .null,
                        "first_failed_at": .null, "grace_ends_at": .null, "is_debt": false,
                    ],
                ])
            #expect(statement["ledger"]?.array?.map { $0["amount"] } == [500])
            let timeline = statement["timeline"]?.array ?? []
            #expect(timeline.map { $0["reason"] } == ["invoice_paid", "grace_period"])
            #expect(timeline.map { $0.at("cause.event") } == ["evt_1", "evt_2"])
        }
    }

    @Test func `what is no id is 400 on every route of a customer`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let long = String(repeating: "x", count: 256)
            for customer in [long, "cus.1", "cus%201", "cus%00", "cus%C3%BC", "cus'--"] {
                for (method, tail, body) in [
                    ("GET", "", nil), ("PUT", "/override", #"{"allowed":true,"reason":"r"}"#),
                    ("DELETE", "/override", nil), ("POST", "/credits", #"{"amount":1,"reason":"r"}"#),
                ] {
                    let answer = try await server.admin(
                        method, "/customers/\(customer)\(tail)", headers: [("Idempotency-Key", "k")], body: body)
                    #expect(answer.summary == "400 invalid_id", "\(method) \(customer)")
                }
            }
        }
    }

    // MARK: Overrides

    @Test func `an override stands above the rules until it is taken back, and is in the timeline with its reason`()
        async throws
    {
        try await ServerFixture.with { server in
            // A customer whom no event has named yet.
            let answer = try await override(server, #"{"allowed":true,"reason":"partner 🤝","until":null}"#)
            #expect(answer.status == 200)
            #expect(
                try answer.json == [
                    "customer": "cus_1", "allowed": true, "reason": "override_allow", "until": .null, "credits": 0,
                    "version": 1, "created": true,
                ])
            var access = try #require(try await server.access().object)
            access["created"] = true
            #expect(try .object(access) == answer.json)

            try await server.handle([Events.checkout(id: "evt_1")])
            #expect(try await server.access()["reason"] == "override_allow")
            let denied = try await override(server, #"{"allowed":false,"reason":"abuse"}"#).json
            #expect(denied["reason"] == "override_deny")
            #expect(denied["allowed"] == false)

            let shown = try #require(try await server.admin("GET", "/customers/cus_1").json["override"])
            #expect(shown["allowed"] == false)
            #expect(shown["reason"] == "abuse")
            #expect(shown["operator"] == "night-shift")
            #expect(shown["until"] == nil)
            #expect(shown["created_at"]?.string.flatMap(Timestamp.init(rfc3339:)) != nil)

            let cleared = try await server.admin("DELETE", "/customers/cus_1/override")
            #expect(cleared.status == 200)
            #expect(try cleared.json["reason"] == "credits")
            #expect(try cleared.json["cleared"] == true)
            #expect(try await server.admin("GET", "/customers/cus_1").json["override"] == nil)

            let lines = try await timeline(server).filter { $0.at("cause.kind") == "operator" }
            #expect(lines.map { $0["reason"] } == ["override_allow", "override_deny", "credits"])
            #expect(lines.map { $0.at("cause.note") } == ["partner 🤝", "abuse", "override removed"])
            #expect(lines.allSatisfy { $0.at("cause.operator") == "night-shift" })
        }
    }

    @Test func `what an operator does is in the timeline with its reason, also where the answer stays`() async throws {
        try await ServerFixture.with { server in
            _ = try await override(server, #"{"allowed":true,"reason":"the first"}"#)
            _ = try await override(server, #"{"allowed":true,"reason":"the second"}"#)
            _ = try await grant(server, #"{"amount":5,"reason":"the third"}"#)
            #expect(try await timeline(server).map { $0.at("cause.note") } == ["the first", "the second", "the third"])
            let versions = try await timeline(server).compactMap { $0["version"]?.integer }
            #expect(versions == [1, 2, 3])
            #expect(try await server.access()["version"] == 3)
        }
    }

    @Test func `an override that would end at once is refused`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            for until in ["2001-01-01T00:00:00Z", "\(Timestamp.now - .seconds(1))"] {
                let answer = try await override(server, #"{"allowed":false,"reason":"r","until":"\#(until)"}"#)
                #expect(answer.summary == "409 until_passed", "\(until)")
            }
            #expect(try await server.access()["reason"] == "credits")
            #expect(try await server.admin("GET", "/customers/cus_1").json["override"] == nil)
        }
    }

    @Test func `an override's end is kept to the second, in whatever zone it is written`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            for (until, expected) in [
                ("2099-01-01T00:00:00Z", "2099-01-01T00:00:00Z"),
                ("2099-01-01T02:00:00+02:00", "2099-01-01T00:00:00Z"),
                ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ] {
                let answer = try await override(server, #"{"allowed":true,"reason":"r","until":"\#(until)"}"#)
                #expect(try answer.json["until"]?.string == expected, "\(until)")
                #expect(try await server.access()["until"]?.string == expected, "\(until)")
            }
        }
    }

    @Test(
        arguments: [
            (#"{"reason":"r"}"#, "missing_field"), (#"{"allowed":true}"#, "missing_field"), ("{}", "missing_field"),
            (#"{"allowed":"true","reason":"r"}"#, "invalid_field"), (#"{"allowed":1,"reason":"r"}"#, "invalid_field"),
            (#"{"allowed":null,"reason":"r"}"#, "invalid_field"), (#"{"allowed":true,"reason":5}"#, "invalid_field"),
            (#"{"allowed":true,"reason":""}"#, "invalid_field"), (#"{"allowed":true,"reason":"  "}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"a\u0000b"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"a\nb"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"\#(String(repeating: "x", count: 501))"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"r","until":5}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"r","until":"tomorrow"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"r","until":""}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"r","until":"2027-02-30T00:00:00Z"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"r","until":"2027-01-01T25:00:00Z"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"r","until":"2027-01-01T00:00:60Z"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"\u200b"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"a\u202eb"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"r","until":"2099-01-01"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"r","until":"999999999999-01-01T00:00:00Z"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"r","until":"294277-01-01T00:00:00Z"}"#, "invalid_field"),
            (#"{"allowed":true,"reason":"r","util":null}"#, "unknown_field"),
            (#"{"allowed":true,"reason":"r","Until":null}"#, "unknown_field"),
            (#"{"allowed":true,"reason":"r","operator":"somebody"}"#, "unknown_field"),
            ("", "invalid_json"), ("[]", "invalid_json"), ("null", "invalid_json"), ("allowed=true", "invalid_json"),
            (#"{"allowed":true,"reason":"r"} x"#, "invalid_json"), (#"{"allowed":true,"reason":"r",}"#, "invalid_json"),
            (#"{"allowed":true,"reason":"\ud800"}"#, "invalid_json"),
        ])
    func `an override that is not what it must be is 400 and changes nothing`(_ body: String, _ code: String)
        async throws
    {
        try await ServerFixture.with(workers: 0, sweeping: false) { server in
            let answer = try await override(server, body)
            #expect(answer.summary == "400 \(code)")
            #expect(try await server.gateway("GET", "/v1/customers/cus_1/access").status == 404)
        }
    }

    @Test func `to take back what was never given is 200, for a customer who is known`() async throws {
        try await ServerFixture.with { server in
            #expect(try await server.admin("DELETE", "/customers/cus_1/override").summary == "404 unknown_customer")
            #expect(try await server.gateway("GET", "/v1/customers/cus_1/access").status == 404)
            try await server.handle([Events.checkout(id: "evt_1")])
            let before = try await server.access()
            let answer = try await server.admin("DELETE", "/customers/cus_1/override")
            #expect(answer.status == 200)
            var members = try #require(try answer.json.object)
            #expect(members.removeValue(forKey: "cleared") == false)
            #expect(JSON.object(members) == before)
            #expect(try await timeline(server).count == 1)
        }
    }

    @Test func `only what names a customer for the first time says so, and says it again`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            #expect(try await override(server, #"{"allowed":true,"reason":"r"}"#).json["created"] == nil)
            #expect(try await grant(server, #"{"amount":5,"reason":"r"}"#).json["created"] == nil)
            #expect(
                try await override(server, #"{"allowed":true,"reason":"r"}"#, customer: "cus_new").json["created"]
                    == true
            )
            #expect(
                try await override(server, #"{"allowed":true,"reason":"r"}"#, customer: "cus_new").json["created"]
                    == nil)
            let first = try await grant(server, #"{"amount":5,"reason":"r"}"#, key: "key-2", customer: "cus_typo")
            #expect(try first.json["created"] == true)
            let other = try await grant(server, #"{"amount":5,"reason":"r"}"#, key: "key-3", customer: "cus_typo")
            #expect(try other.json["created"] == nil)
            let again = try await grant(server, #"{"amount":5,"reason":"r"}"#, key: "key-2", customer: "cus_typo")
            #expect(again.body == first.body)
        }
    }

    @Test func `a customer whose events do not count is unknown for a reason that is told`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([
                Events.event(
                    "invoice.paid", id: "evt_1", livemode: false, object: ["object": "invoice", "customer": "cus_1"]),
                Events.event(
                    "invoice.paid", id: "evt_2", livemode: false, object: ["object": "invoice", "customer": "cus_1"]),
                Events.event("customer.created", id: "evt_3", object: ["object": "customer", "id": "cus_1"]),
            ])
            for method in ["GET", "DELETE"] {
                let answer = try await server.admin(method, "/customers/cus_1\(method == "GET" ? "" : "/override")")
                #expect(answer.summary == "404 unknown_customer")
                let detail = try #require(try answer.json["detail"]?.string)
                #expect(detail.contains("2 ignored (wrong_mode), 1 ignored (unhandled_type)"), "\(detail)")
            }
            #expect(
                try await server.admin("GET", "/customers/cus_2").json["detail"]?.string?.contains("ignored") == false)
        }
    }

    @Test func `of purchases and invoices the latest stand first, and what is left out is told`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([
                Events.checkout(id: "evt_1", paymentIntent: "pi_z1"),
                Events.checkout(id: "evt_2", session: "cs_2", paymentIntent: "pi_z2"),
            ])
            try await server.sql { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO tollgate.purchase (id, customer_id, credits)
                    SELECT 'pi_a' || n, 'cus_1', 1 FROM generate_series(1, 99) n
                    """)
                _ = try connection.execute(
                    """
                    INSERT INTO tollgate.invoice (customer_id, id, status, first_failed_at)
                    SELECT 'cus_1', 'in_' || n, CASE n WHEN 7 THEN 'open' ELSE 'paid' END,
                           CASE n WHEN 7 THEN now() END
                    FROM generate_series(1, 101) n
                    """)
            }
            let some = try await server.admin("GET", "/customers/cus_1?limit=1").json
            let purchases = some["purchases"]?.array ?? []
            #expect(purchases.count == 100)
            #expect(purchases.prefix(2).map { $0["id"] } == ["pi_z2", "pi_z1"])
            #expect(some["purchases_has_more"] == true)
            #expect(some["invoices"]?.array?.count == 100)
            #expect(some["invoices"]?[0]?["id"] == "in_7")
            #expect(some["invoices_has_more"] == true)
            let all = try await server.admin("GET", "/customers/cus_1").json
            #expect(all["purchases"]?.array?.count == 101 && all["purchases_has_more"] == false)
            #expect(all["invoices"]?.array?.count == 101 && all["invoices_has_more"] == false)
        }
    }

    @Test func `a statement shows as many lines as are asked for, the newest, and says that there are more`()
        async throws
    {
        try await ServerFixture.with(workers: 0) { server in
            for number in 1...5 {
                _ = try await grant(server, #"{"amount":\#(number),"reason":"r"}"#, key: "key-\(number)")
            }
            let all = try await server.admin("GET", "/customers/cus_1").json
            #expect(all["ledger_has_more"] == false)
            #expect(all["timeline_has_more"] == false)
            let some = try await server.admin("GET", "/customers/cus_1?limit=2").json
            #expect(some["ledger"]?.array?.map { $0["amount"] } == [4, 5])
            #expect(some["timeline"]?.array?.map { $0["version"] } == [4, 5])
            #expect(some["ledger_has_more"] == true)
            #expect(some["timeline_has_more"] == true)
            #expect(try await server.admin("GET", "/customers/cus_1?limit=5").json["ledger_has_more"] == false)
            for limit in ["0", "501", "x"] {
                let answer = try await server.admin("GET", "/customers/cus_1?limit=\(limit)")
                #expect(answer.summary == "400 invalid_parameter", "\(limit)")
            }
        }
    }

    // MARK: Credits

    @Test func `credits are given and taken, and stand in ledger and timeline with who and why`() async throws {
        try await ServerFixture.with { server in
            let answer = try await grant(server, #"{"amount":100,"reason":"welcome"}"#, key: "a")
            #expect(answer.status == 200)
            var document = try #require(try answer.json.object)
            #expect(document.removeValue(forKey: "at")?.string.flatMap(Timestamp.init(rfc3339:)) != nil)
            #expect(
                document == [
                    "customer": "cus_1", "amount": 100, "reason": "welcome", "balance": 100, "number": 1,
                    "expires_at": .null, "created": true,
                ])
            #expect(try await server.access()["reason"] == "credits")

            let taken = try await grant(server, #"{"reason":"too many","amount":-130}"#, key: "b").json
            #expect(taken["balance"] == -30)
            #expect(taken["number"] == 2)
            let access = try await server.access()
            #expect(access["reason"] == "credits_exhausted")
            #expect(access["credits"] == -30)

            let statement = try await server.admin("GET", "/customers/cus_1").json
            let ledger = statement["ledger"]?.array ?? []
            #expect(ledger.map { $0["amount"] } == [100, -130])
            #expect(ledger.map { $0["balance"] } == [100, -30])
            #expect(ledger.map { $0["kind"] } == ["grant", "grant"])
            #expect(ledger.map { $0["operator"] } == ["night-shift", "night-shift"])
            #expect(ledger.map { $0["reason"] } == ["welcome", "too many"])
            let lines = try await timeline(server)
            #expect(lines.map { $0["reason"] } == ["credits", "credits_exhausted"])
            #expect(lines.map { $0.at("cause.note") } == ["welcome", "too many"])
        }
    }

    @Test func `the same key and body give the same answer again, byte for byte, whatever came between`() async throws {
        try await ServerFixture.with { server in
            let body = #"{"amount":100,"reason":"welcome"}"#
            let first = try await grant(server, body)
            _ = try await grant(server, #"{"amount":7,"reason":"more"}"#, key: "key-2")
            try await server.handle([Events.checkout(id: "evt_1")])
            let second = try await grant(server, body)
            #expect(second.status == first.status)
            #expect(second.body == first.body)
            #expect(second.headers["content-type"] == first.headers["content-type"])
            // The same content in other bytes is the same grant.
            #expect(try await grant(server, #"{ "reason" : "welcome", "amount" : 1e2 }"#).body == first.body)
            #expect(try await server.access()["credits"] == 607)
        }
    }

    @Test func `the same key with another content or customer is 409 and gives nothing`() async throws {
        try await ServerFixture.with { server in
            #expect(try await grant(server, #"{"amount":100,"reason":"welcome"}"#).status == 200)
            for (body, customer) in [
                (#"{"amount":101,"reason":"welcome"}"#, "cus_1"), (#"{"amount":-100,"reason":"welcome"}"#, "cus_1"),
                (#"{"amount":100,"reason":"Welcome"}"#, "cus_1"), (#"{"amount":100,"reason":"welcome"}"#, "cus_2"),
            ] {
                let answer = try await grant(server, body, customer: customer)
                #expect(answer.summary == "409 conflict", "\(body)")
            }
            #expect(try await server.access()["credits"] == 100)
            #expect(try await server.gateway("GET", "/v1/customers/cus_2/access").status == 404)
        }
    }

    @Test func `20 requests at once with one key are one entry and one answer`() async throws {
        try await ServerFixture.with { server in
            let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await grant(server, #"{"amount":100,"reason":"welcome"}"#) }
                    group.addTask { try await grant(server, #"{"amount":100,"reason":"welcome"}"#, key: "key-2") }
                }
                return try await group.reduce(into: [HTTPAnswer]()) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 200 })
            #expect(Set(answers.map(\.body)).count == 2)
            #expect(try await server.access()["credits"] == 200)
            let ledger = try await server.admin("GET", "/customers/cus_1").json["ledger"]?.array
            #expect(ledger?.map { $0["amount"] } == [100, 100])
        }
    }

    @Test(
        arguments: [
            (#"{"amount":0,"reason":"r"}"#, "invalid_field"),
            (#"{"amount":10000000000000000,"reason":"r"}"#, "invalid_field"),
            (#"{"amount":-10000000000000000,"reason":"r"}"#, "invalid_field"),
            (#"{"amount":1.5,"reason":"r"}"#, "invalid_field"), (#"{"amount":"5","reason":"r"}"#, "invalid_field"),
            (#"{"amount":true,"reason":"r"}"#, "invalid_field"), (#"{"amount":null,"reason":"r"}"#, "invalid_field"),
            (#"{"amount":[5],"reason":"r"}"#, "invalid_field"),
            (#"{"amount":9223372036854775808,"reason":"r"}"#, "invalid_field"),
            (#"{"amount":1e400,"reason":"r"}"#, "invalid_json"), (#"{"amount":5}"#, "missing_field"),
            (#"{"reason":"r"}"#, "missing_field"), (#"{"amount":5,"reason":" "}"#, "invalid_field"),
            (#"{"amount":5,"reason":"\u0000"}"#, "invalid_field"),
            (#"{"amount":5,"reason":"r","key":"k"}"#, "unknown_field"),
            ("5", "invalid_json"), ("", "invalid_json"), ("{\"amount\":5,\"reason\":\"r\"", "invalid_json"),
        ])
    func `a grant that is not what it must be is 400 and gives nothing`(_ body: String, _ code: String) async throws {
        try await ServerFixture.with(workers: 0, sweeping: false) { server in
            let answer = try await grant(server, body)
            #expect(answer.summary == "400 \(code)")
            #expect(try await server.gateway("GET", "/v1/customers/cus_1/access").status == 404)
            // The key is not used up.
            #expect(try await grant(server, #"{"amount":5,"reason":"r"}"#).status == 200)
        }
    }

    @Test func `a grant without a key that can be kept is 400`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let body = #"{"amount":5,"reason":"r"}"#
            for (key, code) in [
                (nil, "missing_idempotency_key"), ("", "missing_idempotency_key"), ("a b", "invalid_idempotency_key"),
                (String(repeating: "k", count: 256), "invalid_idempotency_key"),
                ("schlüssel", "invalid_idempotency_key"),
            ] as [(String?, String)] {
                #expect(try await grant(server, body, key: key).summary == "400 \(code)", "\(key ?? "none")")
            }
            let two = try await server.admin(
                "POST",
                "/customers/cus_1/credits",
                headers: [("Idempotency-Key", "a"), ("Idempotency-Key", "b")],
                body: body
            )
            #expect(two.summary == "400 invalid_idempotency_key")
            #expect(try await server.gateway("GET", "/v1/customers/cus_1/access").status == 404)
            #expect(try await grant(server, body, key: String(repeating: "k", count: 255)).status == 200)
        }
    }

    @Test func `a balance stays within 64 bits: the grant that would leave them is 409`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.sql { connection in
                _ = try connection.executeScript(
                    """
                    INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version, credits, last_entry,
                                                  lots)
                    VALUES ('cus_1', true, 'credits', now(), 1, 9223372036854775807, 1,
                            '[{"id":"grant_1","kind":"grant","remaining":9223372036854775807,"held":0}]');
                    INSERT INTO tollgate.credit_entry (customer_id, number, previous_balance, amount, balance, kind,
                                                       business_key, operator, note, at)
                    VALUES ('cus_1', 1, 0, 9223372036854775807, 9223372036854775807, 'grant', 'x', 'x', 'x', now())
                    """
                )
            }
            #expect(try await grant(server, #"{"amount":1,"reason":"r"}"#).summary == "409 balance_out_of_range")
            #expect(try await server.access()["credits"] == 9_223_372_036_854_775_807)
            #expect(try await grant(server, #"{"amount":-1,"reason":"r"}"#).status == 200)
        }
    }

    @Test func `an admin body over 64 KiB is 413, a compressed one 415`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let padding = String(repeating: " ", count: 64 * 1024)
            #expect(
                try await override(server, #"{"allowed":true,"reason":"r"}"# + padding).summary
                    == "413 payload_too_large"
            )
            let answer = try await server.admin(
                "POST",
                "/customers/cus_1/credits",
                headers: [("Content-Encoding", "gzip"), ("Idempotency-Key", "k")],
                body: #"{"amount":5,"reason":"r"}"#
            )
            #expect(answer.summary == "415 unsupported_content_encoding")
        }
    }
}
