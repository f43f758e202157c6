import Billing
import Stripe
import TestSupport
import Testing

@testable import Server

/// What operators see of purchases, and the price map that they keep.
@Suite(.serialized) struct AdminPurchaseTests {
    private func put(_ gate: GatehouseFixture, _ price: String, _ body: String) async throws -> HTTPAnswer {
        try await gate.admin("PUT", "/prices/\(price)", body: body)
    }

    @Test func `the price map is kept by operators and counts for what is applied from then on`() async throws {
        try await GatehouseFixture.with { gate in
            #expect(try await gate.admin("GET", "/prices").text == #"{"data":[]}"#)
            #expect(try await gate.admin("GET", "/prices/price_1").summary == "404 unknown_price")
            #expect(try await gate.admin("DELETE", "/prices/price_1").summary == "404 unknown_price")

            let invoice = Events.invoice(
                "invoice.paid", id: "evt_1", subscription: nil, billingReason: "manual",
                ["lines": ["data": [["amount": 900, "quantity": 3, "price": ["id": "gold.v1"]]]], "amount_paid": 900])
            try await gate.handle([invoice])
            #expect(try await gate.access()["credits"] == 0)

            let set = try await put(gate, "gold.v1", #"{"credits":7}"#)
            #expect(set.status == 200)
            #expect(try set.json["price"] == "gold.v1")
            #expect(try set.json["credits"] == 7)
            #expect(try set.json["operator"] == "night-shift")
            #expect(try await gate.admin("GET", "/prices/gold.v1").json == set.json)
            #expect(try await gate.admin("GET", "/prices").json["data"] == [set.json])

            // The event that came before its price gets its credits by a replay; a later change does not move them.
            _ = try await gate.admin("POST", "/events/evt_1/replay")
            try await gate.ended("evt_1")
            #expect(try await gate.access()["credits"] == 21)
            #expect(try await put(gate, "gold.v1", #"{"credits":1000}"#).json["credits"] == 1000)
            _ = try await gate.admin("POST", "/events/evt_1/replay")
            try await gate.ended("evt_1")
            #expect(try await gate.access()["credits"] == 21)

            #expect(try await gate.admin("DELETE", "/prices/gold.v1").json["credits"] == 1000)
            #expect(try await gate.admin("GET", "/prices").json["data"] == [])
        }
    }

    @Test func `what is no price or no number of credits is 400`() async throws {
        try await GatehouseFixture.with(workers: 0) { gate in
            for (price, body, code) in [
                ("price_1", #"{"credits":0}"#, "invalid_field"), ("price_1", #"{"credits":-1}"#, "invalid_field"),
                ("price_1", #"{"credits":1.5}"#, "invalid_field"), ("price_1", "{}", "missing_field"),
                ("price_1", #"{"credits":1000000000000001}"#, "invalid_field"),
                ("price_1", #"{"credits":1,"quantity":2}"#, "unknown_field"), ("price_1", "1", "invalid_json"),
                ("price%201", #"{"credits":1}"#, "invalid_id"),
                (String(repeating: "x", count: 256), #"{"credits":1}"#, "invalid_id"),
            ] {
                #expect(try await put(gate, price, body).summary == "400 \(code)", "\(price) \(body)")
            }
            let most = try await put(gate, "price_1", #"{"credits":1000000000000000}"#)
            #expect(most.status == 200)
            for (method, path, token) in [
                ("GET", "/prices", GatehouseFixture.gatewayToken), ("PUT", "/prices/p", GatehouseFixture.gatewayToken),
                ("DELETE", "/prices/p", GatehouseFixture.gatewayToken),
                ("GET", "/purchases", GatehouseFixture.gatewayToken),
            ] {
                #expect(try await gate.inside(method, "/admin/v1\(path)", token: token).summary == "403 forbidden")
            }
        }
    }

    @Test func `a guest's purchase waits in sight until something names the customer`() async throws {
        try await GatehouseFixture.with { gate in
            #expect(try await gate.admin("GET", "/purchases?waiting=true").text == #"{"data":[],"has_more":false}"#)
            try await gate.handle([Events.checkout(id: "evt_1", customer: .null)])
            let event = try await gate.ended("evt_1")
            #expect(event["status"] == "processed")
            #expect(event["detail"] == "no_customer")
            let waiting = try await gate.admin("GET", "/purchases?waiting=true").json["data"]?.array ?? []
            #expect(waiting.map { $0["credits"] } == [500])
            #expect(waiting.map { $0["given"] } == [0])
            #expect(waiting.first?["objects"]?.object?.keys.sorted() == ["cs_1", "pi_1"])
            #expect(try await gate.inside("GET", "/metrics").text.contains("\ntollgate_purchases_waiting 1\n"))

            try await gate.handle([Events.paymentIntent(id: "evt_2", credits: .null)])
            #expect(try await gate.access()["credits"] == 500)
            #expect(try await gate.admin("GET", "/purchases?waiting=true").json["data"] == [])
            #expect(try await gate.inside("GET", "/metrics").text.contains("\ntollgate_purchases_waiting 0\n"))
        }
    }

    @Test func `a purchase is found by each of its objects, and stands in its customer's statement`() async throws {
        try await GatehouseFixture.with { gate in
            try await gate.handle([
                // Three purchases of one object each, then the links that make them one.
                Events.refund(id: "evt_1", amount: 400), Events.checkout(id: "evt_2"),
                Events.dispute(id: "evt_3", amount: 100),
            ])
            let answers = try await ["pi_1", "cs_1", "ch_1"].asyncMap {
                try await gate.admin("GET", "/purchases/\($0)")
            }
            #expect(Set(answers.map(\.text)).count == 1)
            let purchase = try answers[0].json
            #expect(purchase["customer"] == "cus_1")
            #expect(purchase["credits"] == 500)
            #expect(purchase["paid"] == 1000)
            #expect(purchase["taken"] == 500)
            #expect(purchase["given"] == 250)
            #expect(purchase["refunds"] == ["re_1": ["status": "succeeded", "amount": 400]])
            #expect(purchase.at("disputes.du_1.status") == "open")

            let statement = try await gate.admin("GET", "/customers/cus_1").json
            #expect(statement["purchases"] == [purchase])
            #expect(statement["ledger"]?.array?.map { $0["kind"] } == ["top_up", "dispute"])
            #expect(statement["ledger"]?.array?.map { $0["amount"] } == [300, -50])

            #expect(try await gate.admin("GET", "/purchases/pi_unknown").summary == "404 unknown_purchase")
            // An invoice that is known, but not for what it buys.
            try await gate.handle([Events.invoice("invoice.payment_failed", id: "evt_debt", invoice: "in_debt")])
            let debt = try await gate.admin("GET", "/purchases/in_debt")
            #expect(debt.summary == "404 unknown_purchase")
            #expect(debt.text.contains("it is one of cus_1"))
            #expect(try await gate.admin("GET", "/purchases/pi.1").summary == "400 invalid_id")
            #expect(try await gate.admin("GET", "/purchases").summary == "400 invalid_parameter")
            #expect(try await gate.admin("GET", "/purchases?waiting=maybe").summary == "400 invalid_parameter")
            #expect(
                try await gate.admin("GET", "/purchases?waiting=true&customer=x").summary == "400 unknown_parameter")
        }
    }

    @Test func `waiting purchases come in pages`() async throws {
        try await GatehouseFixture.with { gate in
            try await gate.handle(
                (0..<5).map {
                    Events.checkout(
                        id: "evt_\($0)", customer: .null, session: "cs_\($0)", paymentIntent: .string("pi_\($0)"))
                })
            var found: [String] = []
            var hasMore = true
            while hasMore {
                let after = found.last.map { "&starting_after=\($0)" } ?? ""
                let page = try await gate.admin("GET", "/purchases?waiting=true&limit=2\(after)").json
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
