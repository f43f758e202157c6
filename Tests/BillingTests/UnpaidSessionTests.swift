// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

/// What a Checkout session gives that is paid later: by manual capture, or by a method that takes days.
@Suite struct UnpaidSessionTests {
    private static let unpaid = Events.checkout(id: "evt_1", paymentStatus: "unpaid")
    private static let authorised = Events.charge(
        "charge.succeeded", id: "evt_2", ["captured": false, "amount_captured": 0, "status": "succeeded"])

    @Test func `it buys nothing and waits for nobody while its money has not come`() throws {
        for events in permutations([Self.unpaid, Self.authorised, Events.checkout(id: "evt_3", mode: "setup")]) {
            let world = try World(events)
            #expect(world.account.balance.credits == 0)
            #expect(world.account.decide(at: t0, policy: policy) == Decision(.noSubscription))
            let facts = world.books.purchase(of: "cs_1")?.facts
            #expect(facts?.credits == nil)
            #expect(facts?.customer == "cus_1")
        }
        let guest = try World([Events.checkout(id: "evt_1", customer: .null, paymentStatus: "unpaid")])
        #expect(guest.books.purchase(of: "cs_1")?.facts.credits == nil)
    }

    @Test(arguments: [
        [Events.paymentIntent(id: "evt_9", credits: .null)],
        [Events.checkout(id: "evt_9", type: "checkout.session.async_payment_succeeded")],
        [Events.charge("charge.captured", id: "evt_9", ["captured": true, "status": "succeeded"])],
        [Events.charge("charge.succeeded", id: "evt_9", ["captured": true, "status": "succeeded"])],
        [
            Events.paymentIntent(id: "evt_8", credits: "500"),
            Events.checkout(id: "evt_9", type: "checkout.session.async_payment_succeeded"),
        ],
    ])
    func `its offer counts once, when anything says that the money came, in any order`(_ paid: [JSON]) throws {
        for events in permutations([Self.unpaid, Self.authorised] + paid) {
            #expect(try World(events + events).account.balance.credits == 500)
        }
    }

    @Test func `an invoice of it that is paid says so too`() throws {
        let session = Events.checkout(id: "evt_1", paymentIntent: .null, paymentStatus: "unpaid", ["invoice": "in_1"])
        let paid = Events.invoice("invoice.paid", id: "evt_2", subscription: nil, ["amount_paid": 1000])
        for events in permutations([session, paid]) { #expect(try World(events).account.balance.credits == 500) }
    }

    @Test func `a refund takes back in proportion to what was captured`() throws {
        let captured = Events.paymentIntent(id: "evt_3", credits: .null, ["amount": 1000, "amount_received": 700])
        let refund = Events.refund(id: "evt_4", amount: 350, charge: .null)
        for events in permutations([Self.unpaid, Self.authorised, captured, refund]) {
            #expect(try World(events).account.balance.credits == 250)
        }
    }

    @Test func `a payment that is on its way has not come`() throws {
        let pending = Events.charge("charge.updated", id: "evt_2", ["captured": true, "status": "pending"])
        #expect(try World([Self.unpaid, pending]).account.balance.credits == 0)
    }
}
