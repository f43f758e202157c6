// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

@testable import Server

/// What becomes of purchases whose credits have lapsed, through the database.
@Suite(.serialized) struct LapsedPurchaseTests {
    /// Purchases lapse a day from now, although their events are of another day.
    private func with(_ body: (ServerFixture) async throws -> Void) async throws {
        try await ServerFixture.with(workers: 0) { clock in
            let now: Timestamp = try await clock.sql { try $0.execute("SELECT clock_timestamp() AS now").only["now"] }
            let expiry = Duration.microseconds(now.microseconds - Events.midnight.microseconds) + .seconds(86_400)
            try await ServerFixture.with(
                source: clock.source, policy: Policy(creditsExpiry: expiry), workers: 1, sweeping: true, body)
        }
    }

    private func ledger(_ server: ServerFixture, of customer: String = "cus_1") async throws -> [String] {
        let lines = try await server.admin("GET", "/customers/\(customer)/ledger").json["data"]?.array ?? []
        return lines.reversed().map { "\($0["kind"]?.string ?? "") \($0["amount"]?.integer ?? 0)" }
    }

    /// As if that day were over, however slow the test is.
    /// - Parameter waits: whether something is left that lapses.
    private func lapse(_ server: ServerFixture, waits: Bool = true) async throws {
        try await server.sql { connection in
            _ = try connection.executeScript(
                """
                UPDATE tollgate.account
                SET lots = (SELECT jsonb_agg(CASE WHEN l ? 'expires_at' THEN l || '{"expires_at": "2020-01-01T00:00:00Z"}'
                                             ELSE l END)
                            FROM jsonb_array_elements(lots) AS l),
                    due_at = '2020-01-01', lapses_at = '2020-01-01'
                WHERE lots <> '[]';
                UPDATE tollgate.purchase SET expires_at = '2020-01-01' WHERE expires_at IS NOT NULL
                """)
        }
        guard waits else { return }
        try await eventually("the lapse") {
            try await ledger(server).contains { $0.hasPrefix("expiry") } ? true : nil
        }
    }

    private func assign(_ server: ServerFixture, to customer: String) async throws -> JSON {
        let answer = try await server.admin(
            "POST", "/purchases/pi_1/assign", body: "{\"customer\":\"\(customer)\",\"reason\":\"r\"}")
        #expect(answer.status == 200)
        return try answer.json
    }

    /// A purchase of `cus_1` of which 200 are held and 100 spent, beside 1000 that stay, goes to `cus_2`.
    private func moveSpent(_ server: ServerFixture) async throws {
        try await server.handle([Events.checkout(id: "evt_1", customer: .null)])
        _ = try await assign(server, to: "cus_1")
        try await server.grant(1000)
        _ = try await server.hold("h1", #"{"amount":200,"ttl":"1h"}"#)
        _ = try await server.debit("d1", #"{"amount":100}"#)
        _ = try await assign(server, to: "cus_2")
    }

    @Test func `a refund leaves what has lapsed of its purchase, and so does everything after it`() async throws {
        try await with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            _ = try await server.debit("d1", #"{"amount":150}"#)
            try await server.grant(1000)
            try await lapse(server)
            try await server.handle([Events.refund(id: "evt_2", amount: 1000)])
            let entries = ["top_up 500", "debit -150", "grant 1000", "expiry -350", "refund -150"]
            #expect(try await ledger(server) == entries)
            #expect(try await server.admin("GET", "/purchases/pi_1").json["given"] == 350)
            try await server.handle([
                Events.charge(id: "evt_3", refunded: 1000), Events.refund("refund.updated", id: "evt_4", amount: 1000),
            ])
            #expect(try await ledger(server) == entries)
            #expect(try await server.figures() == [850, 0, 850])
        }
    }

    @Test func `a dispute takes what was spent of what has lapsed, and a won one gives that back`() async throws {
        try await with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            _ = try await server.debit("d1", #"{"amount":150}"#)
            try await lapse(server)
            #expect(try await ledger(server) == ["top_up 500", "debit -150", "expiry -350"])
            try await server.grant(1000)
            try await server.handle([Events.dispute(id: "evt_3", created: Events.midnight + .seconds(1))])
            #expect(try await server.figures() == [850, 0, 850])
            try await server.handle([
                Events.dispute(
                    "charge.dispute.closed", id: "evt_4", created: Events.midnight + .seconds(2), status: "won")
            ])
            #expect(try await server.figures() == [1000, 0, 1000])
            #expect(try await server.admin("GET", "/purchases/pi_1").json["given"] == 500)
        }
    }

    /// While it was held it lapsed, and so nothing was left to take when the payment was refunded.
    @Test func `what is settled late after a refund is taken without waiting for another event`() async throws {
        try await with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            _ = try await server.hold("h1", #"{"amount":100,"ttl":"1s"}"#)
            try await lapse(server)
            try await eventually("the expiry") { try await server.hold("h1")["status"] == "expired" ? true : nil }
            try await server.handle([Events.refund(id: "evt_2", amount: 1000)])
            #expect(try await ledger(server) == ["top_up 500", "expiry -400", "expiry -100"])
            #expect(try await server.settle("h1", 100).status == 200)
            try await eventually("the correction") { try await server.figures() == [-100, 0, -100] ? true : nil }
            #expect(
                try await ledger(server).suffix(3) == ["expiry 100", "settlement -100", "correction -100"])
            let last = try await server.admin("GET", "/customers/cus_1/ledger").json["data"]?.array?.first
            #expect(["event", "operator", "hold", "debit"].allSatisfy { last?[$0] == nil })
            #expect(try await server.admin("GET", "/purchases/pi_1").json["given"] == 400)
            try await eventually("nothing left to check") {
                try await server.sql { try $0.execute("SELECT FROM tollgate.purchase_recheck").count } == 0 ? true : nil
            }
            // The next event changes nothing more.
            try await server.handle([Events.refund("refund.updated", id: "evt_3", amount: 1000)])
            #expect(try await server.figures() == [-100, 0, -100])
        }
    }

    /// The refund took 100 of the other lot because they were held; then they came back, and lapsed.
    @Test func `what a refund took elsewhere comes back if as much of its purchase lapses later`() async throws {
        try await with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            _ = try await server.hold("h1", #"{"amount":100,"ttl":"1h"}"#)
            try await server.grant(1000)
            try await server.handle([Events.refund(id: "evt_2", amount: 1000)])
            #expect(try await server.figures() == [1000, 100, 900])
            try await lapse(server, waits: false)
            #expect(try await server.release("h1").status == 200)
            try await eventually("the correction") { try await server.figures() == [1000, 0, 1000] ? true : nil }
            #expect(try await ledger(server).suffix(2) == ["expiry -100", "correction 100"])
        }
    }

    /// What moved the purchase took other credits of hers instead of those that were held.
    @Test func `what lapses with who had a purchase before comes back to her`() async throws {
        try await ServerFixture.with(policy: Policy(creditsExpiry: .seconds(86_400)), sweeping: true) { server in
            try await moveSpent(server)
            #expect(try await server.figures() == [900, 200, 700])
            try await lapse(server, waits: false)
            #expect(try await server.release("h1").status == 200)
            // 200 lapsed of 500, and 100 were spent: only those are taken of the other lot.
            try await eventually("the correction") { try await server.figures() == [900, 0, 900] ? true : nil }
            _ = try await assign(server, to: "cus_1")
            #expect(try await server.figures() == [1000, 0, 1000])
        }
    }

    /// Before what lapsed with her could be made up for.
    @Test func `a purchase that comes back after a refund takes what was spent of it, and no more`() async throws {
        try await ServerFixture.with(policy: Policy(creditsExpiry: .seconds(86_400))) { server in
            try await moveSpent(server)
            try await lapse(server, waits: false)
            try await server.handle([Events.refund(id: "evt_2", amount: 1000)])
            #expect(try await server.release("h1").status == 200)
            _ = try await assign(server, to: "cus_1")
            #expect(try await server.figures() == [900, 0, 900])
        }
    }

    @Test func `a debt that the purchase's own lot has paid comes back to that lot, and lapses`() async throws {
        try await with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            _ = try await server.hold("h1", #"{"amount":200}"#)
            try await server.handle([Events.dispute(id: "evt_2", created: Events.midnight + .seconds(1))])
            #expect(try await server.figures() == [0, 200, -200])
            #expect(try await server.release("h1").status == 200)
            #expect(try await server.figures() == [0, 0, 0])
            try await lapse(server, waits: false)
            try await server.handle([
                Events.dispute(
                    "charge.dispute.closed", id: "evt_3", created: Events.midnight + .seconds(2), status: "won")
            ])
            #expect(try await server.figures() == [0, 0, 0])
            #expect(
                try await ledger(server) == ["top_up 500", "dispute -500", "repayment 0", "dispute 500", "expiry -500"])
        }
    }

    @Test func `two purchases that became one after they had lapsed owe what was used of them`() async throws {
        try await with { server in
            try await server.handle([
                Events.checkout(id: "evt_1", paymentIntent: .null), Events.paymentIntent(id: "evt_2"),
            ])
            _ = try await server.debit("d1", #"{"amount":100}"#)
            try await lapse(server)
            try await server.handle([Events.checkout(id: "evt_3")])
            #expect(try await server.figures() == [0, 0, 0])
            #expect(try await server.admin("GET", "/purchases/pi_1").json["given"] == 500)
            try await server.handle([Events.refund(id: "evt_4", amount: 1000)])
            #expect(try await server.figures() == [-100, 0, -100])
        }
    }

    @Test func `who corrects an assignment is told what was taken: not what had lapsed`() async throws {
        try await ServerFixture.with(policy: Policy(creditsExpiry: .seconds(86_400))) { server in
            try await server.handle([Events.checkout(id: "evt_1", customer: .null)])
            _ = try await assign(server, to: "cus_1")
            _ = try await server.debit("d1", #"{"amount":150}"#)
            try await lapse(server)
            #expect(try await assign(server, to: "cus_2").at("taken_from.credits") == 150)
            #expect(try await server.figures() == [-150, 0, -150])
            #expect(try await assign(server, to: "cus_1").at("taken_from.credits") == 0)
            #expect(try await server.figures() == [0, 0, 0])
            #expect(
                try await ledger(server) == [
                    "top_up 500", "debit -150", "expiry -350", "correction -150", "top_up 150",
                ])
        }
    }

    @Test func `what a late settlement gives back belongs to the purchase that its own became part of`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([
                Events.checkout(id: "evt_1", paymentIntent: .null), Events.paymentIntent(id: "evt_2"),
            ])
            _ = try await server.hold("h1", #"{"amount":500,"ttl":"1s","on_expiry":"settle"}"#)
            try await eventually("the expiry") { try await server.hold("h1")["status"] == "settled" ? true : nil }
            // They are one, and only 500 were bought.
            try await server.handle([Events.checkout(id: "evt_3")])
            #expect(try await server.figures() == [0, 0, 0])
            #expect(try await server.settle("h1", 100).status == 200)
            let lots = try await server.sql { connection in
                try connection.execute("SELECT lots -> 0 ->> 'id', lots -> 0 ->> 'purchase' FROM tollgate.account")
                    .map { try $0.decode(String.self, String.self) }
            }
            #expect(lots.map(\.0) == ["cs_1"] && lots.map(\.1) == ["pi_1"])
            try await server.handle([Events.refund(id: "evt_4", amount: 1000)])
            #expect(try await server.figures() == [-100, 0, -100])
        }
    }

    @Test func `a debit below zero is no credits that were ever there`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.admin(
                "POST", "/customers/cus_1/keys", headers: [("Idempotency-Key", "k")], body: #"{"label":"l"}"#)
            #expect(try await server.debit("d1", #"{"amount":5,"allow_negative":true}"#).status == 201)
            #expect(try await server.access()["reason"] == "no_subscription")
            _ = try await server.admin(
                "POST", "/customers/cus_1/credits", headers: [("Idempotency-Key", "a")],
                body: #"{"amount":-5,"reason":"r"}"#)
            #expect(try await server.access()["reason"] == "no_subscription")
            try await server.grant(2)
            #expect(try await server.access()["reason"] == "credits_exhausted")
        }
    }
}
