// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

/// The credits that a purchase gives and that are taken back, in every order of its events.
@Suite struct PurchaseTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let events: [JSON]
        var prices: [String: Price] = [:]
        /// Credits of cus_1 at the end.
        let credits: Int64
        var testDescription: String { name }
    }

    static let session = Events.checkout(id: "evt_session")
    static let intent = Events.paymentIntent(id: "evt_intent", credits: .null, ["latest_charge": "ch_1"])

    static func lines(_ lines: JSON..., more: Bool = false) -> [String: JSON] {
        ["lines": ["data": .array(lines), "has_more": .bool(more)], "amount_paid": 1000]
    }

    static func line(_ price: JSON, quantity: Int64 = 1, amount: Int64 = 1000, _ members: [String: JSON] = [:]) -> JSON
    {
        let line: [String: JSON] = [
            "id": "il_1", "amount": .integer(amount), "quantity": .integer(quantity),
            "pricing": ["price_details": ["price": price]],
        ]
        return .object(line.merging(members) { $1 })
    }

    static func oneOff(_ members: [String: JSON], id: String = "evt_invoice", type: String = "invoice.paid") -> JSON {
        Events.invoice(type, id: id, subscription: nil, billingReason: "manual", members)
    }

    static let refunds = [
        Row(name: "a purchase", events: [session], credits: 500),
        Row(name: "a partial refund", events: [session, Events.refund(id: "evt_1")], credits: 300),
        Row(
            name: "a refund that says less than a credit takes none",
            events: [session, Events.refund(id: "evt_1", amount: 1)], credits: 500),
        Row(
            name: "two refunds",
            events: [session, Events.refund(id: "evt_1"), Events.refund(id: "evt_2", refund: "re_2", amount: 600)],
            credits: 0),
        Row(
            name: "one refund, told thrice",
            events: [
                session, Events.refund(id: "evt_1", status: "pending"), Events.refund("refund.updated", id: "evt_2"),
                Events.charge(id: "evt_3", refunded: 400),
            ], credits: 300),
        Row(
            name: "the cumulative amount alone", events: [session, Events.charge(id: "evt_1", refunded: 400)],
            credits: 300),
        Row(
            name: "the larger cumulative amount counts",
            events: [
                session, Events.charge(id: "evt_1", refunded: 400), Events.charge(id: "evt_2", refunded: 700),
            ], credits: 150),
        Row(
            name: "a failed refund gives back",
            events: [
                session, Events.refund(id: "evt_1"),
                Events.refund("refund.failed", id: "evt_2", status: "failed"),
                Events.charge(id: "evt_3", refunded: 400),
            ], credits: 500),
        Row(
            name: "a canceled refund gives back",
            events: [
                session, Events.refund(id: "evt_1", status: "requires_action"),
                Events.refund("refund.updated", id: "evt_2", status: "canceled"),
            ], credits: 500),
        Row(
            name: "of two refunds one failed",
            events: [
                session, Events.refund(id: "evt_1"), Events.refund(id: "evt_2", refund: "re_2", amount: 100),
                Events.refund("refund.failed", id: "evt_3", refund: "re_2", amount: 100, status: "failed"),
                Events.charge(id: "evt_4", refunded: 500),
            ], credits: 300),
        Row(
            name: "embedded refunds of old versions",
            events: [
                session,
                Events.charge(
                    id: "evt_1", refunded: 400, ["refunds": ["data": [["id": "re_1", "amount": 400]]]]),
            ], credits: 300),
        Row(
            name: "never more than was paid", events: [session, Events.refund(id: "evt_1", amount: 5000)], credits: 0),
        Row(
            name: "a refund that names the charge only, and the charge its payment",
            events: [
                session, intent, Events.refund(id: "evt_1", paymentIntent: .null),
            ], credits: 300),
        Row(
            name: "a refund of another payment",
            events: [session, Events.refund(id: "evt_1", charge: "ch_2", paymentIntent: "pi_2")], credits: 500),
        Row(
            name: "a refund that names no payment",
            events: [session, Events.refund(id: "evt_1", charge: .null, paymentIntent: .null)], credits: 500),
        Row(
            name: "nothing paid, nothing to take",
            events: [
                Events.checkout(id: "evt_1", paymentStatus: "no_payment_required", ["amount_total": 0]),
                Events.refund(id: "evt_2"),
            ], credits: 500),
    ]

    static let disputes = [
        Row(name: "an open dispute takes", events: [session, Events.dispute(id: "evt_1")], credits: 0),
        Row(
            name: "of a part of the amount", events: [session, Events.dispute(id: "evt_1", amount: 500)], credits: 250),
        Row(
            name: "a won one gives back",
            events: [
                session, Events.dispute(id: "evt_1"),
                Events.dispute("charge.dispute.closed", id: "evt_2", created: t0 + 5, status: "won"),
            ], credits: 500),
        Row(
            name: "a lost one keeps",
            events: [
                session, Events.dispute(id: "evt_1"),
                Events.dispute("charge.dispute.closed", id: "evt_2", created: t0 + 5, status: "lost"),
            ], credits: 0),
        Row(
            name: "lost and open in one second",
            events: [
                session, Events.dispute(id: "evt_1"),
                Events.dispute("charge.dispute.closed", id: "evt_2", amount: 600, status: "lost"),
            ], credits: 200),
        Row(
            name: "an inquiry takes nothing",
            events: [session, Events.dispute(id: "evt_1", status: "warning_needs_response")], credits: 500),
        Row(
            name: "nor does one that was prevented",
            events: [session, Events.dispute(id: "evt_1", status: "prevented")], credits: 500),
        Row(
            name: "an appeal of a lost one is open again",
            events: [
                session, Events.dispute(id: "evt_1", status: "lost"),
                Events.dispute("charge.dispute.updated", id: "evt_2", created: t0 + 5, status: "appeal_under_review"),
            ], credits: 0),
        Row(
            name: "two disputes and a refund, never more than was paid",
            events: [
                session, Events.dispute(id: "evt_1", amount: 300),
                Events.dispute(id: "evt_2", dispute: "du_2", amount: 300), Events.refund(id: "evt_3", amount: 200),
            ], credits: 100),
        Row(
            name: "an old dispute names the charge only",
            events: [session, intent, Events.dispute(id: "evt_1", paymentIntent: .null)], credits: 0),
    ]

    static let links = [
        Row(name: "session and intent", events: [session, Events.paymentIntent(id: "evt_2")], credits: 500),
        Row(
            name: "a guest's session waits", events: [Events.checkout(id: "evt_1", customer: .null)], credits: 0),
        Row(
            name: "a guest's session and an intent that names the customer",
            events: [Events.checkout(id: "evt_1", customer: .null), intent], credits: 500),
        Row(
            name: "an invoice of a top-up by Checkout, linked by the session",
            events: [
                Events.checkout(id: "evt_1", ["invoice": "in_1"]), oneOff(lines(line("price_1"))),
            ], prices: ["price_1": 700], credits: 500),
        Row(
            name: "an invoice and its intent, linked last",
            events: [
                oneOff(lines(line("price_1"))), Events.paymentIntent(id: "evt_2", credits: "600"),
                Events.invoicePayment(id: "evt_3"),
            ], prices: ["price_1": 700], credits: 600),
        Row(
            name: "an invoice and its intent, linked by the invoice of an old version",
            events: [
                oneOff(lines(line("price_1")).merging(["payment_intent": "pi_1", "charge": "ch_1"]) { $1 }),
                Events.paymentIntent(id: "evt_2", credits: "600"), Events.refund(id: "evt_3", amount: 500),
            ], prices: ["price_1": 700], credits: 300),
        Row(
            name: "an invoice and its charge, linked by the charge of an old version",
            events: [
                oneOff(lines(line("price_1"))),
                Events.charge(id: "evt_2", paymentIntent: .null, refunded: 500, ["invoice": "in_1"]),
            ], prices: ["price_1": 700], credits: 350),
        Row(
            name: "a refund of an invoice finds it through its payment",
            events: [
                oneOff(lines(line("price_1"))), Events.invoicePayment(id: "evt_2"), Events.refund(id: "evt_3"),
            ], prices: ["price_1": 700], credits: 420),
        Row(
            name: "an invoice with two payments",
            events: [
                oneOff(lines(line("price_1"))), Events.invoicePayment(id: "evt_2"),
                Events.invoicePayment(id: "evt_3", paymentIntent: "pi_2"),
                Events.refund(id: "evt_4", amount: 100, charge: .null),
                Events.charge(id: "evt_5", charge: "ch_2", paymentIntent: "pi_2", refunded: 200),
            ], prices: ["price_1": 1000], credits: 700),
    ]

    static let invoices = [
        Row(name: "no price, no credits", events: [oneOff(lines(line("price_1")))], credits: 0),
        Row(
            name: "price times quantity, and both types of event mean the same",
            events: [
                oneOff(lines(line("price_1", quantity: 3))),
                oneOff(lines(line("price_1", quantity: 3)), id: "evt_2", type: "invoice.payment_succeeded"),
            ], prices: ["price_1": 7], credits: 21),
        Row(
            name: "an unpaid one gives nothing",
            events: [oneOff(lines(line("price_1")), type: "invoice.payment_failed")], prices: ["price_1": 7],
            credits: 0),
        Row(
            name: "lines add up, what is given back gives nothing",
            events: [oneOff(lines(line("price_1"), line("price_2", quantity: 2), line("price_1", amount: -1)))],
            prices: ["price_1": 7, "price_2": 10], credits: 27),
        Row(
            name: "a line's metadata says how many, whatever the quantity",
            events: [oneOff(lines(line("price_1", quantity: 9, ["metadata": ["credits": "5"]])))],
            prices: ["price_1": 7], credits: 5),
        Row(
            name: "the invoice's metadata counts before its lines",
            events: [oneOff(lines(line("price_1"), more: true).merging(["metadata": ["credits": "50"]]) { $1 })],
            prices: ["price_1": 7], credits: 50),
        Row(
            name: "an expanded price", events: [oneOff(lines(line(["id": "price_1"])))], prices: ["price_1": 7],
            credits: 7),
        Row(
            name: "the price of a line before basil",
            events: [oneOff(lines(["amount": 5, "quantity": 2, "price": ["id": "price_1"]]))],
            prices: ["price_1": 7], credits: 14),
        Row(
            name: "an old plan, whose id holds dots",
            events: [oneOff(lines(["amount": 5, "plan": ["id": "gold.v1.5"]]))], prices: ["gold.v1.5": 7], credits: 7),
        Row(
            name: "a subscription's plan may sell credits too",
            events: [Events.invoice("invoice.paid", id: "evt_1", lines(line("price_1")))], prices: ["price_1": 7],
            credits: 7),
    ]

    @Test(arguments: refunds + disputes + links + invoices)
    func `the credits of a purchase, in every order of its events`(_ row: Row) throws {
        for events in permutations(row.events) {
            for events in [events, events + events] {
                let world = try World(events, prices: row.prices)
                #expect(world.account.balance.credits == row.credits)
                #expect(world.account.balance.newEntries.map(\.amount).reduce(0, +) == row.credits)
                #expect(world.account.balance.newEntries.last?.balance ?? 0 == row.credits)
                #expect(
                    Set(world.account.balance.newEntries.map(\.businessKey)).count
                        == world.account.balance.newEntries.count)
            }
        }
    }

    @Test func `a payment that objects ascribe to two customers is the more telling one's, in every order`() throws {
        let events = [
            Events.checkout(id: "evt_1", customer: "cus_1"), Events.paymentIntent(id: "evt_2", customer: "cus_2"),
            Events.charge("charge.succeeded", id: "evt_3", customer: "cus_3"), Events.refund(id: "evt_4"),
        ]
        for events in permutations(events) {
            let world = try World(events)
            #expect(world["cus_1"].balance.credits == 300)
            #expect(world["cus_2"].balance.credits == 0)
            #expect(world["cus_3"].balance.credits == 0)
        }
    }

    @Test func `no product of prices, amounts and quantities overflows`() throws {
        let most = CreditOffer.limit
        let paid: [String: JSON] = ["amount_total": .integer(.max)]
        let session = Events.checkout(id: "evt_1", credits: .string("\(most)"), paid)
        let half = Events.refund(id: "evt_2", amount: .max / 2, charge: .null)
        #expect(try World([session, half]).account.balance.credits == most / 2 + 1)
        let more = (0..<9).map { Events.refund(id: "evt_r\($0)", refund: "re_\($0)", amount: .max, charge: .null) }
        #expect(try World([session] + more).account.balance.credits == 0)

        let error = #expect(throws: FieldError.self) {
            try World(
                [Self.oneOff(Self.lines(Self.line("price_1", quantity: .max)))],
                prices: ["price_1": Price(credits: most)])
        }
        #expect(error?.path == "data.object.lines.data.0.quantity")
        let sum = #expect(throws: FieldError.self) {
            try World(
                [Self.oneOff(Self.lines(Self.line("price_1"), Self.line("price_1")))],
                prices: ["price_1": Price(credits: most)])
        }
        #expect(sum?.path == "data.object.lines")
    }

    @Test func `credits that hang on lines an event does not hold fail it, and say so`() throws {
        let invoice = Self.oneOff(Self.lines(Self.line("price_1"), more: true))
        let error = #expect(throws: FieldError.self) { try World([invoice], prices: ["price_1": 7]) }
        let advice = "tollgate purchases assign in_1 --customer cus_1 --credits …"
        #expect("\(try #require(error))".hasSuffix("(has_more): say how many with \(advice)"))
        // The ids are for operators, not for a log.
        #expect(error?.loggable == "data.object.lines sell credits but are not complete (has_more)")
        // If no listed price sells credits, it is an invoice like any other.
        #expect(try World([invoice]).account.balance.credits == 0)
    }

    @Test func `credits are fixed when they are first applied`() throws {
        let invoice = Self.oneOff(Self.lines(Self.line("price_1")))
        var world = try World([invoice], prices: ["price_1": 7])
        world.prices = ["price_1": 100]
        try world.take(invoice)
        try world.take(Self.oneOff(Self.lines(Self.line("price_1")), id: "evt_2", type: "invoice.payment_succeeded"))
        #expect(world.account.balance.credits == 7)
        // A price that was not listed then can be added, and the event replayed.
        var late = try World([invoice])
        late.prices = ["price_1": 7]
        try late.take(invoice)
        #expect(late.account.balance.credits == 7)
        // A changed metadata key does not change them either.
        var renamed = try World([Events.checkout(id: "evt_1", ["metadata": ["credits": "5", "tokens": "900"]])])
        renamed.policy.creditsKey = "tokens"
        try renamed.take(Events.checkout(id: "evt_1", ["metadata": ["credits": "5", "tokens": "900"]]))
        #expect(renamed.account.balance.credits == 5)
    }

    @Test func `every entry says what moved it`() throws {
        let world = try World([
            Self.session, Events.refund(id: "evt_1", amount: 100), Events.dispute(id: "evt_2", amount: 100),
            Events.dispute("charge.dispute.closed", id: "evt_3", created: t0 + 5, amount: 100, status: "won"),
        ])
        #expect(world.account.balance.newEntries.map(\.kind) == [.topUp, .refund, .dispute, .dispute])
        #expect(world.account.balance.newEntries.map(\.amount) == [500, -50, -50, 50])
        #expect(world.account.balance.newEntries.map(\.balance) == [500, 450, 400, 450])
        #expect(
            world.account.balance.newEntries.map(\.cause)
                == [.event("evt_session"), .event("evt_1"), .event("evt_2"), .event("evt_3")])
    }

    @Test func `a refund of credits that are spent takes the balance below zero, which denies`() throws {
        var world = try World([Self.session])
        try world.account.grant(-450, reason: "usage", key: "k", operator: "metering", at: t0, policy: policy)
        try world.take(Events.refund(id: "evt_1", amount: 1000))
        #expect(world.account.balance.credits == -450)
        #expect(world.account.decide(at: t0, policy: policy) == Decision(.creditsExhausted))
    }

    @Test func `an event that would overflow a balance fails and leaves no trace`() throws {
        var world = try World()
        try world.account.grant(.max, reason: "r", key: "k", operator: "o", at: t0, policy: policy)
        let before = world
        #expect(throws: BalanceOverflow.self) { try world.take(Self.session) }
        #expect(world == before)
    }

    @Test func `an open dispute blocks where that is configured, in every order, until it is closed`() throws {
        let strict = Policy(blocksOnDispute: true)
        let link = Events.invoicePayment(id: "evt_link")
        let open = Events.dispute(id: "evt_open", charge: .null)
        let paid = Events.invoice("invoice.paid", id: "evt_paid", periodEnd: nil)
        let won = Events.dispute("charge.dispute.closed", id: "evt_won", created: t0 + 5, status: "won", charge: .null)
        for events in permutations([link, open, paid]) {
            let account = try Account.after(events, policy: strict)
            #expect(account.decide(at: t0, policy: strict) == Decision(.disputed))
            #expect(account.decide(at: t0, policy: policy) == Decision(.invoicePaid))
        }
        for events in permutations([link, open, paid, won]) {
            #expect(try Account.after(events, policy: strict).decide(at: t0, policy: strict).reason == .invoicePaid)
        }
    }
}

/// Every order of a few elements.
func permutations<T>(_ elements: [T]) -> [[T]] {
    guard elements.count > 1 else { return [elements] }
    return elements.indices.flatMap { index in
        var rest = elements
        let first = rest.remove(at: index)
        return permutations(rest).map { [first] + $0 }
    }
}
