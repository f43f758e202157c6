// SPDX-License-Identifier: Apache-2.0

import Billing
import EventReading
import Notation
import Stripe
import TestSupport
import Testing

/// Credits that hang on lines which events do not carry, once they were fetched.
@Suite struct CheckoutLineTests {
    private static let prices: [String: Price] = ["price_1": 100, "price_2": 7]

    /// A line of a session as Stripe's API lists it.
    private static func line(
        _ price: String, quantity: Int64 = 1, subtotal: Int64 = 1000, discount: Int64 = 0, tax: Int64 = 0
    ) -> JSON {
        [
            "id": "li_1", "object": "item", "description": "Pack", "quantity": .integer(quantity), "currency": "usd",
            "amount_subtotal": .integer(subtotal), "amount_discount": .integer(discount), "amount_tax": .integer(tax),
            "amount_total": .integer(subtotal - discount + tax),
            "price": ["id": .string(price), "object": "price", "unit_amount": 1000, "currency": "usd"],
        ]
    }

    private static func session(
        _ lines: JSON..., credits: JSON = .null, total: Int64 = 1000, type: String = "checkout.session.completed",
        id: String = "evt_session", status: String = "paid", _ members: [String: JSON] = [:]
    ) -> JSON {
        let list: JSON = ["object": "list", "data": .array(lines), "has_more": false]
        let own: [String: JSON] = ["line_items": list, "amount_total": .integer(total)]
        return Events.checkout(id: id, type: type, credits: credits, paymentStatus: status, own.merging(members) { $1 })
    }

    private static let intent = Events.paymentIntent(id: "evt_intent", credits: .null, ["latest_charge": "ch_1"])

    private static let rows = [
        PurchaseTests.Row(name: "one pack", events: [session(line("price_1"))], prices: prices, credits: 100),
        PurchaseTests.Row(
            name: "three packs and another", events: [session(line("price_1", quantity: 3), line("price_2"))],
            prices: prices, credits: 307),
        PurchaseTests.Row(
            name: "metadata has precedence", events: [session(line("price_1"), credits: "5")], prices: prices,
            credits: 5),
        PurchaseTests.Row(
            name: "so it has on the payment",
            events: [session(line("price_1")), Events.paymentIntent(id: "evt_intent", credits: "5")], prices: prices,
            credits: 5),
        PurchaseTests.Row(
            name: "a price that is not listed", events: [session(line("price_3"))], prices: prices, credits: 0),
        PurchaseTests.Row(
            name: "a line that costs nothing", events: [session(line("price_1", subtotal: 0))], prices: prices,
            credits: 0),
        PurchaseTests.Row(
            name: "a line with a discount of all of it",
            events: [session(line("price_1", discount: 1000), total: 0)], prices: prices, credits: 100),
        PurchaseTests.Row(
            name: "an unpaid session", events: [session(line("price_1"), status: "unpaid")], prices: prices, credits: 0),
        PurchaseTests.Row(
            name: "an unpaid session whose money arrives",
            events: [
                session(line("price_1"), status: "unpaid"),
                session(line("price_1"), type: "checkout.session.async_payment_succeeded", id: "evt_2"),
            ], prices: prices, credits: 100),
        PurchaseTests.Row(
            name: "the session, its payment and its charge are one purchase",
            events: [
                session(line("price_1", quantity: 2)), intent, Events.charge("charge.succeeded", id: "evt_charge"),
            ], prices: prices, credits: 200),
        PurchaseTests.Row(
            name: "so is the invoice that Checkout made, and the payment links it",
            events: [
                session(line("price_1", quantity: 2), ["invoice": "in_1"]), intent,
                PurchaseTests.oneOff(PurchaseTests.lines(PurchaseTests.line("price_1", quantity: 2))),
                Events.invoicePayment(id: "evt_link"),
            ], prices: prices, credits: 200),
        PurchaseTests.Row(
            name: "a refund in proportion",
            events: [session(line("price_1")), Events.refund(id: "evt_1", amount: 400)], prices: prices, credits: 60),
        PurchaseTests.Row(
            name: "neither another line nor a tax keeps credits",
            events: [
                session(line("price_1", subtotal: 400, tax: 100), line("price_3", subtotal: 500)),
                Events.refund(id: "evt_1", amount: 400),
            ], prices: prices, credits: 0),
        PurchaseTests.Row(
            name: "nor does it take credits",
            events: [
                session(line("price_1", subtotal: 400, tax: 100), line("price_3", subtotal: 500)),
                Events.refund(id: "evt_1", amount: 100),
            ], prices: prices, credits: 75),
        PurchaseTests.Row(
            name: "a discount is not paid for",
            events: [
                session(line("price_1", subtotal: 1000, discount: 600), line("price_3", subtotal: 600)),
                Events.refund(id: "evt_1", amount: 400),
            ], prices: prices, credits: 0),
    ]

    @Test(arguments: rows) func `the price map serves Checkout, in every order of the events`(
        _ row: PurchaseTests.Row
    ) throws {
        for events in permutations(row.events) {
            for events in [events, events + events] {
                let account = try World(events, prices: row.prices).account
                #expect(account.balance.credits == row.credits)
                #expect(account.balance.newEntries.reduce(0) { $0 + $1.amount } == row.credits)
            }
        }
    }

    // MARK: What is wanted

    private static func wanted(
        _ json: JSON, prices: [String: Price] = prices, policy: Policy = policy
    ) throws -> WantedLines? {
        WantedLines(try Event(json: json), policy: policy, prices: prices)
    }

    @Test func `a session wants its lines where only they can say what it sells`() throws {
        let bare = Events.checkout(id: "evt_1", credits: .null)
        #expect(try Self.wanted(bare)?.path == "/v1/checkout/sessions/cs_1/line_items")
        #expect(try Self.wanted(Events.checkout(id: "evt_1", credits: .null, paymentStatus: "unpaid")) != nil)
        let some: JSON = ["data": [Self.line("price_1")], "has_more": true]
        #expect(try Self.wanted(Events.checkout(id: "evt_1", credits: .null, ["line_items": some])) != nil)
        #expect(
            try World([Events.checkout(id: "evt_1", credits: .null, ["line_items": some])], prices: Self.prices)
                .account.balance.credits == 0)

        #expect(try Self.wanted(bare, prices: [:]) == nil)
        #expect(try Self.wanted(Self.session(Self.line("price_1"))) == nil)
        #expect(try Self.wanted(Events.checkout(id: "evt_1")) == nil)
        #expect(try Self.wanted(Events.checkout(id: "evt_1", credits: "many")) == nil)
        for mode in ["subscription", "setup"] {
            #expect(try Self.wanted(Events.checkout(id: "evt_1", credits: .null, mode: mode)) == nil)
        }
        #expect(try Self.wanted(bare, policy: Policy(livemode: false)) == nil)
        #expect(try Self.wanted(Events.checkout(id: "evt_1", type: "checkout.session.expired", credits: .null)) == nil)
        #expect(try Self.wanted(Self.intent) == nil)
    }

    @Test func `an event of a connected account wants lines where it is listed, and says whose they are`() throws {
        let object = try #require(Events.checkout(id: "evt_1", credits: .null).at("data.object"))
        let event = Events.event("checkout.session.completed", id: "evt_1", account: "acct_1", object: object)
        #expect(try Self.wanted(event) == nil)
        #expect(try Self.wanted(event, policy: Policy(connectedAccounts: ["acct_1"]))?.account == "acct_1")
    }

    @Test func `an event that gets its lines is read as if it had carried them`() throws {
        let bare = Events.checkout(id: "evt_session", credits: .null)
        let wanted = try #require(try Self.wanted(bare))
        let event = wanted.splice([Self.line("price_1", quantity: 3)], into: try Event(json: bare))
        let carrying = try Event(json: Self.session(Self.line("price_1", quantity: 3)))
        let reading = try Interpretation(event, policy: policy, prices: Self.prices)
        #expect(reading == (try Interpretation(carrying, policy: policy, prices: Self.prices)))
        guard case .facts(_, remark: nil) = reading else {
            Issue.record("it was not read: \(reading)")
            return
        }
        #expect(WantedLines(event, policy: policy, prices: Self.prices) == nil)
    }

    @Test func `an invoice of many lines gets all of them`() throws {
        let lines = (0..<12).map { _ in PurchaseTests.line("price_1", amount: 80) }
        var members = PurchaseTests.lines(more: true)
        members["lines"] = ["data": .array(Array(lines.prefix(10))), "has_more": true]
        for type in ["invoice.paid", "invoice.voided", "invoice.payment_failed", "invoice.marked_uncollectible"] {
            let wanted = try Self.wanted(PurchaseTests.oneOff(members, type: type), prices: [:])
            #expect(wanted?.path == "/v1/invoices/in_1/lines")
        }
        let json = PurchaseTests.oneOff(members)
        let event = try #require(try Self.wanted(json)).splice(lines, into: try Event(json: json))
        members["lines"] = ["data": .array(lines), "has_more": false, "object": "list"]
        let whole = PurchaseTests.oneOff(members)
        #expect(event.object == whole.at("data.object"))
        #expect(try World([whole], prices: Self.prices).account.balance.credits == 1200)
        #expect(throws: FieldError.self) { try World([json], prices: Self.prices) }
    }

    @Test func `lines that cannot be read sell nothing, and the session still counts as paid`() throws {
        let bad: JSON = ["id": "li_1", "quantity": "3", "price": ["id": "price_1"]]
        for lines in [[bad, Self.line("price_1")], ["x"]] as [[JSON]] {
            let list: JSON = ["data": .array(lines), "has_more": false]
            let event = Events.checkout(id: "evt_1", credits: .null, ["line_items": list])
            var world = try World(prices: Self.prices)
            let error = #expect(throws: FieldError.self) { try world.take(event) }
            #expect(error?.path.hasPrefix("data.object.line_items.data.0") == true)
            #expect(world.account.balance.credits == 0)
            #expect(world.books.purchase(of: "cs_1")?.facts.isPaid == true)
        }
        let error = #expect(throws: FieldError.self) {
            try World([Self.session(Self.line("price_1", quantity: .max))], prices: Self.prices)
        }
        #expect(error?.path == "data.object.line_items.data.0.quantity")
    }
}
