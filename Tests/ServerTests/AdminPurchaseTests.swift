// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

@testable import Server

/// Purchases as operators see them, and the price map that they maintain.
@Suite(.serialized) struct AdminPurchaseTests {
    private func put(_ server: ServerFixture, _ price: String, _ body: String) async throws -> HTTPAnswer {
        try await server.admin("PUT", "/prices/\(price)", body: body)
    }

    @Test func `the price map is kept by operators and counts for what is applied from then on`() async throws {
        try await ServerFixture.with { server in
            #expect(try await server.admin("GET", "/prices").text == #"{"data":[]}"#)
            #expect(try await server.admin("GET", "/prices/price_1").summary == "404 unknown_price")
            #expect(try await server.admin("DELETE", "/prices/price_1").summary == "404 unknown_price")

            let invoice = Events.invoice(
                "invoice.paid", id: "evt_1", subscription: nil, billingReason: "manual",
                ["lines": ["data": [["amount": 900, "quantity": 3, "price": ["id": "gold.v1"]]]], "amount_paid": 900])
            try await server.handle([invoice])
            #expect(try await server.access()["credits"] == 0)

            let set = try await put(server, "gold.v1", #"{"credits":7}"#)
            #expect(set.status == 200)
            #expect(try set.json["price"] == "gold.v1")
            #expect(try set.json["credits"] == 7)
            #expect(try set.json["operator"] == "night-shift")
            #expect(try await server.admin("GET", "/prices/gold.v1").json == set.json)
            #expect(try set.json["unit_amount"] == nil)
            #expect(try await server.admin("GET", "/prices").json["data"] == [set.json])
            let parts = try await put(server, "price_2", #"{"credits":7,"unit_amount":3000}"#)
            #expect(try parts.json["unit_amount"] == 3000)
            #expect(try await server.admin("GET", "/prices/price_2").json == parts.json)
            #expect(try await server.admin("DELETE", "/prices/price_2").json == parts.json)

            // A replay gives the credits of an event that came before its price; a later price does not change them.
            _ = try await server.admin("POST", "/events/evt_1/replay")
            try await server.ended("evt_1")
            #expect(try await server.access()["credits"] == 21)
            #expect(try await put(server, "gold.v1", #"{"credits":1000}"#).json["credits"] == 1000)
            _ = try await server.admin("POST", "/events/evt_1/replay")
            try await server.ended("evt_1")
            #expect(try await server.access()["credits"] == 21)

            #expect(try await server.admin("DELETE", "/prices/gold.v1").json["credits"] == 1000)
            #expect(try await server.admin("GET", "/prices").json["data"] == [])
        }
    }

    @Test func `what is no price or no number of credits is 400`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            for (price, body, code) in [
                ("price_1", #"{"credits":0}"#, "invalid_field"), ("price_1", #"{"credits":-1}"#, "invalid_field"),
                ("price_1", #"{"credits":1.5}"#, "invalid_field"), ("price_1", "{}", "missing_field"),
                ("price_1", #"{"credits":1000000000000001}"#, "invalid_field"),
                ("price_1", #"{"credits":1,"unit_amount":0}"#, "invalid_field"),
                ("price_1", #"{"credits":1,"unit_amount":"3"}"#, "invalid_field"),
                ("price_1", #"{"credits":1,"quantity":2}"#, "unknown_field"), ("price_1", "1", "invalid_json"),
                ("price%201", #"{"credits":1}"#, "invalid_id"),
                (String(repeating: "x", count: 256), #"{"credits":1}"#, "invalid_id"),
            ] {
                #expect(try await put(server, price, body).summary == "400 \(code)", "\(price) \(body)")
            }
            let most = try await put(server, "price_1", #"{"credits":1000000000000000}"#)
            #expect(most.status == 200)
            for (method, path, token) in [
                ("GET", "/prices", ServerFixture.gatewayToken), ("PUT", "/prices/p", ServerFixture.gatewayToken),
                ("DELETE", "/prices/p", ServerFixture.gatewayToken),
                ("GET", "/purchases", ServerFixture.gatewayToken),
            ] {
                #expect(try await server.inside(method, "/admin/v1\(path)", token: token).summary == "403 forbidden")
            }
        }
    }

    @Test func `a guest's purchase waits in sight until something names the customer`() async throws {
        try await ServerFixture.with { server in
            #expect(try await server.admin("GET", "/purchases?waiting=true").text == #"{"data":[],"has_more":false}"#)
            try await server.handle([Events.checkout(id: "evt_1", customer: .null)])
            let event = try await server.ended("evt_1")
            #expect(event["status"] == "processed")
            #expect(event["detail"] == "no_customer")
            let waiting = try await server.admin("GET", "/purchases?waiting=true").json["data"]?.array ?? []
            #expect(waiting.map { $0["credits"] } == [500])
            #expect(waiting.map { $0["given"] } == [0])
            #expect(waiting.first?["objects"]?.object?.keys.sorted() == ["cs_1", "pi_1"])
            #expect(try await server.inside("GET", "/metrics").text.contains("\ntollgate_purchases_waiting 1\n"))

            try await server.handle([Events.paymentIntent(id: "evt_2", credits: .null)])
            #expect(try await server.access()["credits"] == 500)
            #expect(try await server.admin("GET", "/purchases?waiting=true").json["data"] == [])
            #expect(try await server.inside("GET", "/metrics").text.contains("\ntollgate_purchases_waiting 0\n"))
        }
    }

    @Test func `a purchase is found by each of its objects, and stands in its customer's statement`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([
                // Together they link pi_1, cs_1 and ch_1 into one purchase.
                Events.refund(id: "evt_1", amount: 400), Events.checkout(id: "evt_2"),
                Events.dispute(id: "evt_3", amount: 100),
            ])
            let answers = try await ["pi_1", "cs_1", "ch_1"].asyncMap {
                try await server.admin("GET", "/purchases/\($0)")
            }
            #expect(Set(answers.map(\.text)).count == 1)
            let purchase = try answers[0].json
            #expect(purchase["customer"] == "cus_1")
            #expect(purchase["credits"] == 500)
            #expect(purchase["paid"] == 1000)
            #expect(purchase["taken"] == 500)
            #expect(purchase["given"] == 250)
            #expect(purchase["refunds"] == ["re_1": ["status": "succeeded", "amount": 400, "currency": .null]])
            #expect(purchase.at("disputes.du_1.status") == "open")

            let statement = try await server.admin("GET", "/customers/cus_1").json
            #expect(statement["purchases"] == [purchase])
            #expect(statement["ledger"]?.array?.map { $0["kind"] } == ["top_up", "dispute"])
            #expect(statement["ledger"]?.array?.map { $0["amount"] } == [300, -50])

            #expect(try await server.admin("GET", "/purchases/pi_unknown").summary == "404 unknown_purchase")
            // A known invoice that is not a purchase.
            try await server.handle([Events.invoice("invoice.payment_failed", id: "evt_debt", invoice: "in_debt")])
            let debt = try await server.admin("GET", "/purchases/in_debt")
            #expect(debt.summary == "404 unknown_purchase")
            #expect(debt.text.contains("it is one of cus_1"))
            #expect(try await server.admin("GET", "/purchases/pi.1").summary == "400 invalid_id")
            #expect(try await server.admin("GET", "/purchases").summary == "400 invalid_parameter")
            #expect(try await server.admin("GET", "/purchases?waiting=maybe").summary == "400 invalid_parameter")
            #expect(
                try await server.admin("GET", "/purchases?waiting=true&customer=x").summary == "400 unknown_parameter")
        }
    }

    @Test func `prorations count in proportion to the unit amount that is listed`() async throws {
        try await ServerFixture.with { server in
            func change(_ id: String, _ invoice: String) -> JSON {
                let lines: [JSON] = [-2000, 4000].map { amount in
                    ["amount": .integer(amount), "quantity": 1, "proration": true, "price": ["id": "price_1"]]
                }
                return Events.invoice("invoice.paid", id: id, invoice: invoice, ["lines": ["data": .array(lines)]])
            }
            _ = try await put(server, "price_1", #"{"credits":1000}"#)
            try await server.handle([change("evt_1", "in_1")])
            #expect(try await server.access()["credits"] == 0)
            _ = try await put(server, "price_1", #"{"credits":1000,"unit_amount":3000}"#)
            try await server.handle([change("evt_2", "in_2")])
            #expect(try await server.access()["credits"] == 666)
        }
    }

    @Test func `amounts of money come with their currency`() async throws {
        try await ServerFixture.with { server in
            let charge = Events.charge("charge.succeeded", id: "evt_1", ["currency": "jpy"])
            let checkout = Events.checkout(id: "evt_2", ["currency": "jpy"])
            try await server.handle([charge, checkout])
            let purchase = try await server.admin("GET", "/purchases/pi_1").json
            #expect(purchase["currency"] == "jpy")
            #expect(purchase.at("objects.ch_1.currency") == "jpy")
            #expect(purchase.at("objects.cs_1.currency") == "jpy")
        }
    }

    private func assign(_ server: ServerFixture, _ object: String, _ body: String) async throws -> HTTPAnswer {
        try await server.admin("POST", "/purchases/\(object)/assign", body: body)
    }

    @Test func `a guest's purchase that an operator assigns is credited once, whatever comes later`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1", customer: .null)])
            let body = #"{"customer":"cus_2","reason":"ticket 4711"}"#
            let assigned = try await assign(server, "cs_1", body)
            #expect(assigned.status == 200)
            #expect(try assigned.json["customer"] == "cus_2")
            #expect(try assigned.json["given"] == 500)
            #expect(try assigned.json.at("assignment.operator") == "night-shift")
            #expect(try assigned.json.at("assignment.reason") == "ticket 4711")
            for _ in 0..<3 { #expect(try await assign(server, "pi_1", body).text == assigned.text) }
            #expect(try await server.admin("GET", "/purchases?waiting=true").json["data"] == [])
            #expect(try await server.inside("GET", "/metrics").text.contains("\ntollgate_purchases_waiting 0\n"))

            // Later links of the payment change nothing, whomever they name; a refund takes from the assigned customer.
            try await server.handle([
                Events.charge("charge.succeeded", id: "evt_2", customer: "cus_2"),
                Events.paymentIntent(id: "evt_3", customer: "cus_3", credits: .null),
                Events.refund(id: "evt_4"),
            ])
            #expect(try await server.access("cus_2")["credits"] == 300)
            let statement = try await server.admin("GET", "/customers/cus_2").json
            #expect(statement["ledger"]?.array?.map { $0["amount"] } == [500, -200])
            let entry = statement["ledger"]?[0]
            #expect(entry?["operator"] == "night-shift")
            #expect(entry?["reason"] == "ticket 4711")
            #expect(statement["timeline"]?.array?.contains { $0.at("cause.note") == "ticket 4711" } == true)
            #expect(try await server.access("cus_3")["credits"] == 0)
            #expect(
                try await assign(server, "pi_1", #"{"customer":"cus_4","reason":"r"}"#).summary
                    == "409 purchase_of_another_customer")
        }
    }

    @Test func `whoever corrects an assignment is told from whom the credits were taken, and only then`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1", customer: .null)])
            #expect(try await assign(server, "pi_1", #"{"customer":"cus_2","reason":"r"}"#).json["taken_from"] == nil)
            let right = #"{"customer":"cus_3","reason":"a slip"}"#
            let moved = try await assign(server, "pi_1", right).json
            #expect(
                moved["taken_from"] == [
                    "customer": "cus_2", "credits": 500, "balance": 0, "allowed": false, "reason": "credits_exhausted",
                ])
            #expect(moved["customer"] == "cus_3" && moved["given"] == 500)
            let again = try await assign(server, "pi_1", right).json
            #expect(again["taken_from"] == nil)
            #expect(try await server.access("cus_2")["credits"] == 0)
            #expect(try await server.access("cus_3")["credits"] == 500)
            // If only the credits change, nothing is taken from another customer.
            let more = #"{"customer":"cus_3","credits":600,"reason":"r"}"#
            #expect(try await assign(server, "pi_1", more).json["taken_from"] == nil)
        }
    }

    @Test func `a purchase with bad metadata gets its credits by an operator, once`() async throws {
        try await ServerFixture.with { server in
            let event = Events.checkout(id: "evt_1", credits: "many")
            try await server.handle([
                event, Events.checkout(id: "evt_2", session: "cs_2", paymentIntent: "pi_2", paymentStatus: "unpaid"),
            ])
            #expect(try await server.ended("evt_1")["status"] == "failed")
            #expect(try await server.ended("evt_1")["error"]?.string?.hasSuffix(#": "many""#) == true)
            #expect(try await server.ended("evt_2")["detail"] == "unpaid")
            #expect(
                try await assign(server, "pi_1", #"{"customer":"cus_1","reason":"r"}"#).summary == "409 no_credits")
            for _ in 0..<2 {
                let answer = try await assign(server, "pi_1", #"{"customer":"cus_1","credits":70,"reason":"r"}"#)
                #expect(try answer.json["given"] == 70)
            }
            _ = try await server.admin("POST", "/events/evt_1/replay")
            #expect(try await server.ended("evt_1")["status"] == "failed")
            #expect(try await server.access()["credits"] == 70)
            #expect(
                try await assign(server, "pi_2", #"{"customer":"cus_1","reason":"r"}"#).summary
                    == "409 purchase_unpaid")
        }
    }

    @Test func `two operators who assign one purchase at once and its events give it once`() async throws {
        try await ServerFixture.with(workers: 2) { server in
            try await server.handle([Events.checkout(id: "evt_1", customer: .null)])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for n in 0..<8 {
                    group.addTask {
                        let customer = "cus_\(n % 2)"
                        _ = try await server.admin(
                            "POST", "/purchases/pi_1/assign", body: #"{"customer":"\#(customer)","reason":"r"}"#)
                    }
                    group.addTask {
                        try await server.deliver(Events.charge("charge.succeeded", id: "evt_c\(n)", customer: "cus_0"))
                    }
                }
                try await group.waitForAll()
            }
            for n in 0..<8 { try await server.ended("evt_c\(n)") }
            let sum = try await server.sql { connection in
                try connection.execute("SELECT sum(credits)::bigint FROM tollgate.account").first?.decode(Int64.self)
            }
            #expect(sum == 500)
        }
    }

    @Test func `what cannot be assigned says why`() async throws {
        try await ServerFixture.with { server in
            let good = #"{"customer":"cus_1","reason":"r"}"#
            #expect(try await assign(server, "pi_unknown", good).summary == "404 unknown_purchase")
            for (body, code) in [
                (#"{"customer":"cus 1","reason":"r"}"#, "invalid_field"), (#"{"customer":"cus_1"}"#, "missing_field"),
                (#"{"customer":"cus_1","reason":" "}"#, "invalid_field"),
                (#"{"customer":"cus_1","reason":"r","credits":0}"#, "invalid_field"),
                (#"{"customer":"cus_1","reason":"r","x":1}"#, "unknown_field"),
            ] {
                #expect(try await assign(server, "pi_1", body).summary == "400 \(code)", "\(body)")
            }
            // The refused requests created nothing.
            let rows = try await server.sql { connection in
                try connection.execute(
                    "SELECT id FROM tollgate.purchase UNION SELECT customer_id FROM tollgate.account"
                )
                .count
            }
            #expect(rows == 0)
        }
    }

    @Test func `waiting purchases come in pages`() async throws {
        try await ServerFixture.with { server in
            try await server.handle(
                (0..<5).map {
                    Events.checkout(
                        id: "evt_\($0)", customer: .null, session: "cs_\($0)", paymentIntent: .string("pi_\($0)"))
                })
            var found: [String] = []
            var hasMore = true
            while hasMore {
                let after = found.last.map { "&starting_after=\($0)" } ?? ""
                let page = try await server.admin("GET", "/purchases?waiting=true&limit=2\(after)").json
                found += page["data"]?.array?.compactMap { $0["id"]?.string } ?? []
                hasMore = try #require(page["has_more"]?.bool as Bool?)
            }
            #expect(found == (0..<5).map { "pi_\($0)" })
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
