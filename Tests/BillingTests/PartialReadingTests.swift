// SPDX-License-Identifier: Apache-2.0

import Billing
import EventReading
import Notation
import Stripe
import TestSupport
import Testing

/// If one part of an event is unreadable, the rest counts, and the error says where and what it is.
@Suite struct PartialReadingTests {
    /// The facts of the readable parts, and the errors of the others.
    private func partly(_ event: JSON, prices: [String: Price] = [:]) throws -> (facts: [Fact], errors: [String]) {
        switch try Interpretation(try Event(json: event), policy: policy, prices: prices) {
        case .facts(let facts, _): (facts, [])
        case .partly(let facts, let unreadable): (facts, unreadable.map { "\($0)" })
        case .ignored: ([], [])
        }
    }

    private static func line(_ members: [String: JSON]) -> JSON {
        let line: [String: JSON] = [
            "amount": 1000, "quantity": 1, "period": ["end": .integer((t0 + 30 * day).seconds)],
            "pricing": ["price_details": ["price": "price_1"]],
        ]
        return .object(line.merging(members) { $1 })
    }

    @Test(
        arguments: [
            (
                ["lines": ["data": [["metadata": ["credits": "unlimited"]]]]],
                #"lines.data.0.metadata.credits is not a whole number from 1 to 1000000000000000: "unlimited""#
            ),
            (
                ["lines": ["data": [["metadata": ["credits": "0"]]]]],
                #"lines.data.0.metadata.credits is not a whole number from 1 to 1000000000000000: "0""#
            ),
            (
                ["lines": ["data": [["metadata": ["credits": -1]]]]],
                "lines.data.0.metadata.credits is not a whole number from 1 to 1000000000000000: -1"
            ),
            (["metadata": ["credits": [1]]], "metadata.credits is not a whole number from 1 to 1000000000000000"),
            (["metadata": "x"], #"metadata is no object: "x""#),
            (["lines": 1], "lines is no list with data: 1"),
            (["lines": "x"], #"lines is no list with data: "x""#),
            (["lines": [:]], "lines is no list with data"),
            (["lines": ["data": [["quantity": "x"]]]], #"lines.data.0.quantity is not a whole number of 64 bits: "x""#),
            (
                ["lines": ["data": [["period": ["end": "x"]]]]],
                #"lines.data.0.period.end is not a whole number of 64 bits: "x""#
            ),
            (["lines": ["data": [["proration": 1]]]], "lines.data.0.proration is neither true nor false: 1"),
            (["billing_reason": "\u{0}"], #"billing_reason is no text of at most 255 bytes without NUL: "\0""#),
            (["billing_reason": true], "billing_reason is no text of at most 255 bytes without NUL: true"),
            (["payments": 7], "payments is no list with data: 7"),
            (["amount_paid": "7"], #"amount_paid is not a whole number of 64 bits: "7""#),
            (["metadata": ["credits": "5"], "pre_payment_credit_notes_amount": 5], "total is missing"),
        ] as [([String: JSON], String)])
    func `a paid invoice is paid, whatever else of it cannot be read`(_ members: [String: JSON], _ error: String) throws
    {
        let failed = Events.invoice("invoice.payment_failed", id: "evt_1")
        let paid = Events.invoice("invoice.paid", id: "evt_2", members)
        #expect(try partly(paid).errors.contains("data.object.\(error)"))
        for events in permutations([failed, paid]) {
            var world = try World()
            for event in events { try? world.take(event) }
            #expect(world.account.invoices["in_1"]?.status == .paid)
            #expect(world.account.decide(at: t0 + 4 * day, policy: policy).reason != .paymentOverdue)
        }
    }

    /// An unreadable end must not grant access without end.
    @Test(arguments: [-5, .integer(.max), .number(1e300), 4_102_444_800, "x", [1]] as [JSON])
    func `a paid invoice whose period cannot be read closes its debt and entitles no period until it can`(
        _ end: JSON
    ) throws {
        func paid(_ lines: JSON...) -> JSON {
            Events.invoice(
                "invoice.paid", id: "evt_2",
                ["metadata": ["credits": "5"], "amount_paid": 1000, "lines": ["data": .array(lines)]])
        }
        let failed = Events.invoice("invoice.payment_failed", id: "evt_1")
        let readable = Self.line(["period": ["end": .integer((t0 + 30 * day).seconds)]])
        for line: JSON in [["period": ["end": end]], ["period": end], end] {
            for events in permutations([failed, paid(line)]) {
                var world = try World()
                for event in events { try? world.take(event) }
                #expect(throws: FieldError.self) { try world.take(paid(line, ["amount": 1])) }
                #expect(world.account.invoices["in_1"]?.status == .paid)
                #expect(world.account.subscriptions["sub_1"]?.payments.coverage == nil)
                #expect(world.account.balance.credits == 5)
                #expect(world.account.decide(at: t0 + 4 * day, policy: policy).reason == .credits)
                // Fixed and replayed, it grants its period, and no more.
                try world.take(paid(readable))
                #expect(world.account.subscriptions["sub_1"]?.payments.coverage == .until(t0 + 30 * day))
                #expect(world.account.decide(at: t0 + 4 * day, policy: policy).reason == .invoicePaid)
                #expect(world.account.decide(at: t0 + 34 * day, policy: policy).reason == .credits)
            }
            // The period of another line counts.
            var world = try World()
            #expect(throws: FieldError.self) { try world.take(paid(line, readable)) }
            #expect(world.account.subscriptions["sub_1"]?.payments.coverage == .until(t0 + 30 * day))
        }
    }

    @Test func `a debt is not held against anybody before all of it can be read`() throws {
        let failed = Events.invoice("invoice.payment_failed", id: "evt_1", ["billing_reason": 1])
        #expect(throws: FieldError.self) { try partly(failed) }
        // How many credits it sells is only read once it is paid.
        let topUp = Events.invoice(
            "invoice.payment_failed", id: "evt_1", subscription: nil, ["metadata": ["credits": "many"]])
        #expect(try partly(topUp).errors == [])
        #expect(try World([topUp]).account.invoices["in_1"]?.isTopUp == true)
    }

    @Test func `what could not be read counts once it can, and once`() throws {
        let paid = Events.invoice(
            "invoice.paid", id: "evt_1", subscription: nil, billingReason: "manual",
            ["lines": ["data": [Self.line(["quantity": 1_000_000])]]])
        var world = try World(prices: ["price_1": Price(credits: CreditOffer.limit)])
        #expect(throws: FieldError.self) { try world.take(paid) }
        #expect(world.account.balance.credits == 0)
        world.prices = ["price_1": 3]
        for _ in 0..<2 { try world.take(paid) }
        #expect(world.account.balance.credits == 3_000_000)
    }

    @Test func `a session's credits count though its amount cannot be read, and the other way round`() throws {
        var world = try World()
        #expect(throws: FieldError.self) { try world.take(Events.checkout(id: "evt_1", ["amount_total": "x"])) }
        #expect(world.account.balance.credits == 500)
        let session = Events.checkout(id: "evt_1", ["metadata": ["credits": "500", "credits_amount": "x"]])
        #expect(try partly(session).errors.map { $0.hasPrefix("data.object.metadata.credits_amount is") } == [true])
        world = try World()
        #expect(throws: FieldError.self) { try world.take(Events.checkout(id: "evt_1", credits: "many")) }
        #expect(world.account.balance.credits == 0)
        #expect(world.books.purchase(of: "cs_1")?.facts.paid == 1000)
    }

    @Test func `of a charge's refunds the readable ones count`() throws {
        let charge = Events.charge(
            id: "evt_2", refunded: 0,
            [
                "refunds": [
                    "data": [
                        ["id": "re_1", "amount": 400], ["id": "re_2", "amount": 100, "status": true],
                        ["id": "re_3", "amount": "x"],
                    ]
                ]
            ])
        #expect(
            try partly(charge).errors == [
                "data.object.refunds.data.1.status is no text of at most 255 bytes without NUL: true",
                #"data.object.refunds.data.2.amount is not a whole number of 64 bits: "x""#,
            ])
        var world = try World([
            Events.checkout(id: "evt_1"), Events.paymentIntent(id: "evt_3", ["latest_charge": "ch_1"]),
        ])
        try? world.take(charge)
        #expect(world.account.balance.credits == 300)
        // The same inside a payment intent.
        let intent = Events.paymentIntent(
            id: "evt_4", credits: .null, ["charges": ["data": [["id": "ch_1", "refunds": 1]]]])
        #expect(try partly(intent).errors == ["data.object.charges.data.0.refunds is no list with data: 1"])
        #expect(try partly(intent).facts.count == 1)
    }

    @Test(arguments: [1, true, [], ["x": 1]] as [JSON])
    func `a refund's or dispute's status of a wrong type is an error, not absent`(_ status: JSON) throws {
        for event in [Events.refund(id: "evt_1", status: status), Events.dispute(id: "evt_1", status: status)] {
            let error = #expect(throws: FieldError.self) { try partly(event) }
            #expect(error?.path == "data.object.status")
        }
    }

    @Test func `a subscription's status counts though its latest invoice cannot be read`() throws {
        let event = Events.event(
            "customer.subscription.updated", id: "evt_1",
            object: ["id": "sub_1", "customer": "cus_1", "status": "active", "latest_invoice": 5])
        #expect(try partly(event).errors == ["data.object.latest_invoice is no id: 5"])
        var world = try World()
        try? world.take(event)
        #expect(world.account.decide(at: t0, policy: policy) == Decision(.subscriptionActive))
    }

    @Test func `a value is shown on one line, without what a terminal obeys, and not beyond 60 characters`() throws {
        func shown(_ value: JSON) -> String? { FieldError("x", "is wrong", value: value).value }
        #expect(shown("a\u{1B}[2J\u{202E}\u{0}\n\"é") == #""a\u{1B}[2J\u{202E}\0\n\"é""#)
        #expect(shown(.string(String(repeating: "a", count: 60)))?.count == 62)
        #expect(shown(.string(String(repeating: "a", count: 61))) == "\"" + String(repeating: "a", count: 60) + "…\"")
        #expect(shown([1]) == nil)
        #expect(shown(["card": "4242"]) == nil)
        #expect(shown(.null) == nil)
    }
}
