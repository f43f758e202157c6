// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

/// Amounts are compared only within one currency.
@Suite struct CurrencyTests {
    private static func event(_ event: JSON, in currency: JSON) throws -> JSON {
        var members = try #require(event.object)
        var object = try #require(event["data"]?["object"]?.object)
        object["currency"] = currency
        members["data"] = ["object": .object(object)]
        return .object(members)
    }

    /// What remains of 500 credits bought for 1000 yen, in every order of the events.
    private func credits(after events: [(JSON, JSON)]) throws -> Set<Int64> {
        let paid = [
            [Events.checkout(id: "evt_1")], [Events.paymentIntent(id: "evt_1")],
            [Events.checkout(id: "evt_1"), Events.charge("charge.succeeded", id: "evt_2")],
            [
                Events.invoice(
                    "invoice.paid", id: "evt_1", subscription: nil,
                    ["amount_paid": 1000, "payment_intent": "pi_1", "metadata": ["credits": "500"]])
            ],
        ]
        let others = try events.map { try Self.event($0, in: $1) }
        return Set(
            try paid.flatMap { paid in
                try permutations(try paid.map { try Self.event($0, in: "jpy") } + others).map {
                    try World($0).account.balance.credits
                }
            })
    }

    @Test func `a dispute in another currency takes all, and gives it back when it is won`() throws {
        let open = Events.dispute(id: "evt_8", amount: 400)
        let won = Events.dispute("charge.dispute.closed", id: "evt_9", created: t0 + 5, amount: 400, status: "won")
        #expect(try credits(after: [(open, "usd")]) == [0])
        #expect(try credits(after: [(open, "usd"), (won, "usd")]) == [500])
        #expect(try credits(after: [(open, "jpy")]) == [300])
        #expect(try credits(after: [(open, "JPY")]) == [300])
        // An unknown currency does not count as a different one.
        for unknown: JSON in [.null, 5, "", "dollars", "u$d", "jp\u{0}"] {
            #expect(try credits(after: [(open, unknown)]) == [300])
        }
    }

    @Test func `a refund in another currency does so too, and gives it back when it fails`() throws {
        let refund = Events.refund(id: "evt_8")
        let failed = Events.refund("refund.failed", id: "evt_9", status: "failed")
        #expect(try credits(after: [(refund, "usd")]) == [0])
        #expect(try credits(after: [(refund, "usd"), (failed, "usd")]) == [500])
        #expect(try credits(after: [(refund, "jpy")]) == [300])
    }
}
