// SPDX-License-Identifier: Apache-2.0

import Billing
import TestSupport
import Testing

/// An operator assigns a purchase to a customer: once, and later events do not change it.
@Suite struct PurchaseAssignmentTests {
    private static let guest = Events.checkout(id: "evt_1", customer: .null)
    private static let refund = Events.refund(id: "evt_2", charge: .null)

    @Test func `the credits are the customer's, with the operator and the reason, once`() throws {
        var world = try World([Self.guest])
        try world.assign("cs_1", to: "cus_2")
        #expect(world["cus_2"].balance.credits == 500)
        #expect(world["cus_2"].balance.newEntries.map(\.cause) == [.operator("o", note: "r")])
        #expect(world["cus_2"].balance.newEntries.map(\.kind) == [.topUp])
        #expect(world["cus_2"].newChanges.last?.cause == .operator("o", note: "r"))
        #expect(throws: World.Refused(judgement: .unchanged)) { try world.assign("pi_1", to: "cus_2") }
        #expect(throws: World.Refused(judgement: .unchanged)) { try world.assign("pi_1", to: "cus_2", credits: 500) }
    }

    @Test func `an event that links the payment later changes nothing, whomever it names`() throws {
        for named in ["cus_2", "cus_3"] {
            let link = Events.charge("charge.succeeded", id: "evt_9", customer: .string(named))
            let intent = Events.paymentIntent(id: "evt_8", customer: .string(named))
            for events in permutations([link, intent, Self.guest, Self.refund]) {
                var world = try World([Self.guest])
                try world.assign("pi_1", to: "cus_2")
                for event in events { try world.take(event) }
                #expect(world["cus_2"].balance.credits == 300)
                #expect(world["cus_3"].balance.credits == 0)
                #expect(world["cus_2"].balance.newEntries.map(\.amount).reduce(0, +) == 300)
            }
        }
    }

    @Test func `a purchase whose credits are unreadable gets its number, and the same event gives no more`() throws {
        let bad = Events.checkout(id: "evt_1", credits: "many")
        var world = try World()
        try? world.take(bad)
        #expect(throws: World.Refused(judgement: .noCredits)) { try world.assign("pi_1", to: "cus_1") }
        try world.assign("pi_1", to: "cus_1", credits: 700)
        try? world.take(bad)
        try world.take(Events.checkout(id: "evt_3"))
        #expect(world.account.balance.credits == 700)
        try world.take(Events.refund(id: "evt_2", amount: 1000, charge: .null))
        #expect(world.account.balance.credits == 0)
    }

    @Test func `an assignment that was wrong is moved, and what Stripe says is another's is not given away`() throws {
        var world = try World([Self.guest])
        try world.assign("pi_1", to: "cus_2", credits: 700)
        try world.assign("pi_1", to: "cus_3", at: t0 + 1)
        #expect(world["cus_2"].balance.credits == 0)
        #expect(world["cus_3"].balance.credits == 700)
        #expect(world["cus_2"].balance.newEntries.map(\.kind) == [.topUp, .correction])
        try world.take(Events.paymentIntent(id: "evt_5", customer: "cus_4", credits: .null))
        #expect(world["cus_3"].balance.credits == 700)
        #expect(throws: World.Refused(judgement: .isOf("cus_4"))) { try world.assign("pi_1", to: "cus_5") }
        try world.assign("pi_1", to: "cus_4", at: t0 + 2)
        #expect(world["cus_3"].balance.credits == 0)
        #expect(world["cus_4"].balance.credits == 700)
    }

    @Test func `two assigned purchases that turn out to be one are credited once, by the last word`() throws {
        var world = try World([
            Self.guest,
            Events.invoice(
                "invoice.paid", id: "evt_7", customer: "cus_9", subscription: nil, ["metadata": ["credits": "50"]]),
        ])
        try world.assign("pi_1", to: "cus_2")
        try world.take(Events.invoicePayment(id: "evt_8"))
        #expect(world["cus_2"].balance.credits == 500)
        #expect(world["cus_9"].balance.credits == 0)
    }

    @Test func `a purchase whose money has not come is not assigned`() throws {
        var world = try World([Events.checkout(id: "evt_1", customer: .null, paymentStatus: "unpaid")])
        #expect(throws: World.Refused(judgement: .unpaid)) { try world.assign("pi_1", to: "cus_2", credits: 5) }
        try world.take(Events.paymentIntent(id: "evt_2", customer: .null, credits: .null))
        try world.assign("pi_1", to: "cus_2")
        #expect(world["cus_2"].balance.credits == 500)
    }

    @Test func `an open dispute of an assigned purchase is the customer's`() throws {
        let strict = Policy(blocksOnDispute: true)
        var world = try World([Self.guest, Events.dispute(id: "evt_2", charge: .null)], policy: strict)
        try world.assign("pi_1", to: "cus_2")
        #expect(world["cus_2"].decide(at: t0, policy: strict) == Decision(.disputed))
    }
}
