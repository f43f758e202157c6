// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

/// Which prices a subscription is known to have: its customer's plan follows from them.
@Suite struct SubscriptionPricesTests {
    private static func event(
        _ prices: [String]?, at created: Timestamp = t0, type: String = "customer.subscription.updated"
    ) -> JSON {
        let items = prices.map { prices -> JSON in
            ["data": .array(prices.map { ["price": ["id": .string($0), "object": "price"]] })]
        }
        return SubscriptionTests.subscription(
            "active", id: "evt_\(created.seconds)_\(prices ?? [])", type: type, at: created,
            items.map { ["items": $0] } ?? [:])
    }

    private static func prices(after events: [JSON]) throws -> [String]? {
        try Account.after(events).subscriptions["sub_1"]?.prices?.ids
    }

    @Test func `those of the newest event hold, in whatever order the events come`() throws {
        let events = [
            Self.event(["price_1"]), Self.event(["price_3", "price_2"], at: t0 + 1),
            Self.event(["price_0"], at: t0 - 1),
        ]
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            #expect(try Self.prices(after: order.map { events[$0] }) == ["price_2", "price_3"])
        }
    }

    @Test func `of one second, every order of arrival gives the same`() throws {
        let (one, other) = (Self.event(["price_1"]), Self.event(["price_2"]))
        #expect(try Self.prices(after: [one, other]) == Self.prices(after: [other, one]))
    }

    @Test func `an event that lists none leaves those of before`() throws {
        #expect(try Self.prices(after: [Self.event(nil)]) == nil)
        for none in [Self.event(nil, at: t0 + 1), Self.event([], at: t0 + 1)] {
            #expect(try Self.prices(after: [Self.event(["price_1"]), none]) == ["price_1"])
        }
    }

    @Test func `an end leaves them too`() throws {
        let end = Self.event(["price_1"], at: t0 + 1, type: "customer.subscription.deleted")
        #expect(try Self.prices(after: [Self.event(["price_1"]), end]) == ["price_1"])
    }

    @Test func `they are kept sorted, each once, and no more than a hundred`() {
        let many = SubscriptionPrices((0..<300).reversed().map { "price_\(1000 + $0)" } + ["price_1000"], at: t0)
        #expect(many?.ids.count == 100 && many?.ids.first == "price_1000" && many?.ids.last == "price_1099")
        #expect(SubscriptionPrices([], at: t0) == nil)
    }
}
