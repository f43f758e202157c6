// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Store
import TestSupport
import Testing

@testable import Processing

/// How the events of a batch are read, without a database.
@Suite struct BatchHandlerTests {
    private let handler = BatchHandler(policy: Policy())

    private func read(_ event: JSON, type: String? = "known", prices: [String: Price] = [:]) -> BatchHandler.Reading {
        let id = event["id"]?.string ?? ""
        return handler.read(ClaimedEvent(id: id, payload: event.bytes, type: type), prices: prices)
    }

    @Test func `what is no event is quarantined, and told by the type that was known of it`() {
        let reading = handler.read(ClaimedEvent(id: "evt_1", payload: [], type: nil), prices: [:])
        #expect(reading.facts.isEmpty)
        #expect(reading.result.event == "evt_1")
        #expect(reading.result.type == "")
        #expect(reading.result.transition.target == .quarantined)
        let known = handler.read(ClaimedEvent(id: "evt_1", payload: [], type: "a.type"), prices: [:])
        #expect(known.result.type == "a.type")
    }

    @Test func `an event without its payload fails, for nothing says that it was no event`() {
        let reading = handler.read(ClaimedEvent(id: "evt_1", payload: nil, type: "a.type"), prices: [:])
        #expect(reading.facts.isEmpty)
        #expect(reading.result.transition.target == .failed)
        #expect(reading.result.type == "a.type")
    }

    @Test(arguments: [
        (Events.checkout(id: "evt_1"), EventTransition.processed(), 1),
        (Events.checkout(id: "evt_1", credits: .null), .processed(remark: "no_credits"), 1),
        (Events.event("customer.created", id: "evt_1", object: [:]), .ignored(reason: "unhandled_type"), 0),
        (
            Events.event("customer.created", id: "evt_1", livemode: false, object: [:]), .ignored(reason: "wrong_mode"),
            0
        ),
    ])
    func `an event ends by what it says`(_ event: JSON, _ transition: EventTransition, _ facts: Int) {
        let reading = read(event)
        #expect(reading.result.transition == transition)
        #expect(reading.facts.count == facts)
        #expect(reading.result.described == nil)
    }

    @Test func `what of an event can be read counts, and the event fails`() {
        let lines: JSON = ["data": [["amount": 1000, "quantity": 1_000_000, "price": ["id": "price_1"]]]]
        let event = Events.invoice("invoice.paid", id: "evt_1", ["lines": lines])
        let listed = read(event, prices: ["price_1": Price(credits: CreditOffer.limit, unitAmount: nil)])
        #expect(listed.result.transition.target == .failed)
        #expect(!listed.facts.isEmpty)
        #expect(read(event).result.transition.target == .processed)
    }

    @Test func `an event that no earlier version could read is described`() {
        let reading = read(Events.checkout(id: "evt_1"), type: nil)
        #expect(reading.result.described?.customer == "cus_1")
        #expect(reading.result.type == "checkout.session.completed")
    }

    @Test func `an event that no balance can hold fails alone`() throws {
        let readings = [
            read(Events.checkout(id: "evt_1", customer: "cus_full", session: "cs_1", paymentIntent: "pi_1")),
            read(Events.checkout(id: "evt_2", customer: "cus_2", session: "cs_2", paymentIntent: "pi_2")),
            read(Events.event("customer.created", id: "evt_3", object: [:])),
        ]
        var books = Books()
        books.open([
            Account(
                customer: "cus_full",
                balance: Balance(
                    customer: "cus_full", credits: .max, lastEntry: 1,
                    lots: [Lot(id: "grant_1", kind: .grant, remaining: .max)])), Account(customer: "cus_2"),
        ])
        let results = handler.decide(readings, in: &books, at: Events.midnight)
        #expect(results.map(\.event) == ["evt_1", "evt_2", "evt_3"])
        #expect(results.map(\.transition.target) == [.failed, .processed, .ignored])
        #expect(books.accounts["cus_full"]?.balance.credits == .max)
        #expect(books.accounts["cus_2"]?.balance.credits == 500)
    }
}
