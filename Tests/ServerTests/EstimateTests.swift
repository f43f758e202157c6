// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres
import TestSupport
import Testing

@testable import Server

/// What a call will cost at most, asked by a gateway.
@Suite struct EstimateTests {
    private static let rates = #"""
        {"rates":[{"provider":"anthropic","model":"m","effective_at":"2026-01-01T00:00:00Z","input":"3","output":"15",
        "cache_read":"0.3","cache_write_5m":"3.75","cache_write_1h":"6","batch":"0.5",
        "tiers":[{"above":200000,"input":"6","output":"22.5","cache_read":"0.6","cache_write_5m":"7.5",
        "cache_write_1h":"12"}]}]}
        """#

    private static func with(
        charges: ChargePolicy = .standard, _ body: (ServerFixture) async throws -> Void
    ) async throws {
        try await ServerFixture.with(charges: charges) { server in
            let id = try await server.admin("POST", "/rates/drafts", body: rates).json["id"]?.string ?? ""
            #expect(try await server.admin("POST", "/rates/drafts/\(id)/approve").status == 200)
            let grant = #"{"amount":1000,"reason":"r"}"#
            #expect(
                try await server.admin(
                    "POST", "/customers/cus_1/credits", headers: [("Idempotency-Key", "k")], body: grant
                ).status == 200)
            try await body(server)
        }
    }

    private static func estimate(
        _ server: ServerFixture, _ members: String, customer: String = "cus_1", model: String = "m"
    ) async throws -> JSON {
        let body = """
            {"customer":"\(customer)","provider":"anthropic","model":"\(model)","max_output_tokens":0,\(members)}
            """
        return try await server.gateway("POST", "/v1/estimate", body: body).json
    }

    @Test func `the context and the longest answer cost what the rates say`() async throws {
        try await Self.with { server in
            let body = #"""
                {"customer":"cus_1","provider":"anthropic","model":"m","input_tokens":1000,"max_output_tokens":2000,
                 "cache_read_tokens":10000,"cache_write_5m_tokens":100,"cache_write_1h_tokens":10}
                """#
            let answer = try await server.gateway("POST", "/v1/estimate", body: body)
            #expect(answer.status == 200, "\(answer.text)")
            // 0.003 + 0.03 + 0.003 + 0.000375 + 0.00006
            #expect(
                try answer.json == [
                    "cost": "0.036435", "charge": "0.036435", "credits": 37, "warning": .null, "enough": true,
                ])
        }
    }

    @Test func `a long context is warned of, and a dear one more`() async throws {
        try await Self.with { server in
            let atLimit = try await Self.estimate(server, #""input_tokens":100000"#)
            #expect(atLimit.object?["warning"] == .null)
            let long = try await Self.estimate(server, #""input_tokens":100001"#)
            #expect(long["warning"] == "long_context" && long["enough"] == true)
            let dear = try await Self.estimate(server, #""input_tokens":2000000"#)
            #expect(dear["warning"] == "expensive" && dear["cost"] == "12" && dear["enough"] == false)
            let batch = try await Self.estimate(server, #""input_tokens":2000000,"batch":true"#)
            #expect(batch["cost"] == "6" && batch["warning"] == "long_context")
        }
    }

    @Test func `the plan is that of the price of a subscription that has not ended`() async throws {
        try await Self.with { server in
            _ = try await server.admin(
                "PUT", "/plans/pro", body: #"{"markup":"1.5","bill":"credits","prices":["price_pro"]}"#)
            func charge() async throws -> JSON? {
                try await Self.estimate(server, #""input_tokens":1000000"#)["charge"]
            }
            #expect(try await charge() == "6")
            try await server.sql { connection in
                _ = try connection.executeScript(
                    """
                    INSERT INTO tollgate.subscription (customer_id, id, paid, prices)
                    VALUES ('cus_1', 'sub_1', false, '1780000000 price_other price_pro')
                    """)
            }
            #expect(try await charge() == "9")
            try await server.sql { connection in
                _ = try connection.executeScript(
                    """
                    UPDATE tollgate.subscription SET status = 'canceled', reported_at = now(), reports = 'canceled',
                        is_ended_unpaid = false
                    """)
            }
            #expect(try await charge() == "6")
            // What an operator changes holds at once.
            _ = try await server.admin("PUT", "/plans/default", body: #"{"markup":"2","bill":"none"}"#)
            let free = try await Self.estimate(server, #""input_tokens":1000000"#)
            #expect(free["charge"] == "12" && free["credits"] == 0 && free["enough"] == true)
        }
    }

    @Test func `what has no price, and who is unknown, is said`() async throws {
        try await Self.with { server in
            let unknown = try await Self.estimate(server, #""input_tokens":1"#, customer: "cus_2")
            #expect(unknown["code"] == "unknown_customer")
            let unpriced = try await Self.estimate(server, #""input_tokens":1"#, model: "other")
            #expect(unpriced["code"] == "no_rate")
            #expect(unpriced["detail"]?.string?.contains("`model` has no rate") == true)
            #expect(unpriced["detail"]?.string?.contains("record") == false)
            for tokens in ["-1", "1000000000001"] {
                let answer = try await Self.estimate(server, "\"input_tokens\":\(tokens)")
                #expect(answer["code"] == "invalid_field")
            }
        }
    }

    private static func subscription(_ price: String, id: String, at second: Int64, status: String = "active") -> JSON {
        Events.event(
            "customer.subscription.updated", id: id, created: Timestamp(seconds: second),
            object: [
                "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": .string(status),
                "items": ["data": [["id": "si_1", "price": ["id": .string(price), "object": "price"]]]],
            ])
    }

    @Test func `a subscription's own events say which plan its customer has`() async throws {
        try await Self.with { server in
            for (plan, price, markup) in [("pro", "price_pro", "1.5"), ("max", "price_max", "3")] {
                let body = #"{"markup":"\#(markup)","bill":"credits","prices":["\#(price)"]}"#
                #expect(try await server.admin("PUT", "/plans/\(plan)", body: body).status == 200)
            }
            func charge() async throws -> JSON? {
                try await Self.estimate(server, #""input_tokens":1000000"#)["charge"]
            }
            let second = Events.midnight.seconds
            try await server.handle([Self.subscription("price_pro", id: "evt_1", at: second)])
            #expect(try await charge() == "9")
            try await server.handle([Self.subscription("price_max", id: "evt_2", at: second + 10)])
            #expect(try await charge() == "18")
            // Late, and of before.
            try await server.handle([Self.subscription("price_pro", id: "evt_3", at: second + 5)])
            #expect(try await charge() == "18")
            // What pays an invoice says nothing of it.
            try await server.handle([Events.invoice("invoice.paid", id: "evt_4")])
            #expect(try await charge() == "18")
            try await server.handle([
                Self.subscription("price_max", id: "evt_5", at: second + 20, status: "canceled")
            ])
            #expect(try await charge() == "6")
        }
    }

    @Test func `a plan that no price names is TOLLGATE_PLAN's, and one that is not there is said`() async throws {
        var policy = ChargePolicy.standard
        policy.plan = "pro"
        try await Self.with(charges: policy) { server in
            let none = try await Self.estimate(server, #""input_tokens":1000000"#)
            #expect(none["code"] == "no_rate")
            #expect(none["detail"]?.string?.contains("TOLLGATE_PLAN is pro") == true)
            _ = try await server.admin("PUT", "/plans/pro", body: #"{"markup":"2","bill":"credits"}"#)
            let charged = try await Self.estimate(server, #""input_tokens":1000000"#)
            #expect(charged["charge"] == "12" && charged["credits"] == 12_000)
        }
    }

    @Test func `a credit is worth what is configured, and so are the warnings`() async throws {
        var policy = ChargePolicy.standard
        policy.creditValue = try #require(DecimalNumber("0.25").flatMap(CreditValue.init))
        policy.thresholds = Estimate.Thresholds(tokens: 5, cost: try #require(Dollars("3")))
        try await Self.with(charges: policy) { server in
            let short = try await Self.estimate(server, #""input_tokens":5"#)
            #expect(short.object?["warning"] == .null && short["credits"] == 1)
            #expect(try await Self.estimate(server, #""input_tokens":6"#)["warning"] == "long_context")
            // 6 dollars, as the prompt is in the upper tier.
            let dear = try await Self.estimate(server, #""input_tokens":1000000"#)
            #expect(dear["warning"] == "expensive" && dear["credits"] == 24 && dear["enough"] == true)
        }
    }

    @Test func `what is held cannot be spent`() async throws {
        try await Self.with { server in
            #expect(try await Self.estimate(server, #""input_tokens":100000"#)["enough"] == true)
            let held = try await server.gateway("PUT", "/v1/customers/cus_1/holds/h1", body: #"{"amount":701}"#)
            #expect(held.status == 201)
            // 300 credits, of 299 that are left.
            #expect(try await Self.estimate(server, #""input_tokens":100000"#)["enough"] == false)
        }
    }
}
