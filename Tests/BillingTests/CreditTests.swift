// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

@Suite struct CreditTests {
    @Test func `a session and its payment intent are one purchase, whichever comes first`() throws {
        let session = Events.checkout(id: "evt_1")
        let intent = Events.paymentIntent(id: "evt_2")
        for events in [[session, intent], [intent, session], [intent, intent, session, session]] {
            let account = try Account.after(events)
            #expect(account.balance.credits == 500)
            #expect(account.balance.newEntries.map(\.amount) == [500])
        }
    }

    @Test func `where they disagree the session counts, whichever comes first`() throws {
        let session = Events.checkout(id: "evt_1", credits: "700")
        let intent = Events.paymentIntent(id: "evt_2", credits: "900")
        #expect(try Account.after([session, intent]).balance.credits == 700)
        let corrected = try Account.after([intent, session])
        #expect(corrected.balance.credits == 700)
        #expect(corrected.balance.newEntries.map(\.amount) == [900, -200])
        #expect(corrected.balance.newEntries.map(\.balance) == [900, 700])
        #expect(Set(corrected.balance.newEntries.map(\.businessKey)).count == 2)
    }

    @Test func `a delayed payment credits when the money arrives`() throws {
        let unpaid = Events.checkout(id: "evt_1", paymentStatus: "unpaid")
        let arrived = Events.checkout(id: "evt_2", type: "checkout.session.async_payment_succeeded")
        #expect(try Account.after([unpaid]).balance.credits == 0)
        #expect(try Account.after([unpaid, arrived]).balance.credits == 500)
    }

    @Test func `a session without a payment intent is its own key`() throws {
        let free = Events.checkout(id: "evt_1", paymentIntent: .null, paymentStatus: "no_payment_required")
        #expect(try Account.after([free, free]).balance.newEntries.map(\.businessKey) == ["purchase:cs_1:1"])
    }

    static let unusable: [JSON] = [
        "0", "-5", "1.5", "1e3", "many", "1000000000000001", " 5", "٥", 0, true, [], 1.5.json,
    ]

    @Test(arguments: unusable) func `credits that are no whole number fail and say where`(_ credits: JSON) {
        let error = #expect(throws: FieldError.self) {
            try Account.after([Events.checkout(id: "evt_1", credits: credits)])
        }
        #expect(error?.path == "data.object.metadata.credits")
        #expect(error?.reason == "is not a whole number from 1 to 1000000000000000")
    }

    @Test(arguments: ["1", "1000000000000000", 7] as [JSON])
    func `credits from 1 to 10^15 count`(_ credits: JSON) throws {
        #expect(try Account.after([Events.checkout(id: "evt_1", credits: credits)]).balance.credits > 0)
    }

    @Test func `grants move the balance, below zero too, and a balance never wraps`() throws {
        var account = try Account.after([DecisionTests.topUp])
        try account.grant(-600, reason: "refund", key: "k1", operator: "alice", at: t0, policy: policy)
        #expect(account.balance.credits == -100)
        #expect(account.decide(at: t0, policy: policy) == Decision(.creditsExhausted))
        try account.grant(101, reason: "goodwill", key: "k2", operator: "alice", at: t0, policy: policy)
        #expect(account.decide(at: t0, policy: policy) == Decision(.credits))
        #expect(throws: BalanceOverflow.self) {
            try account.grant(.max, reason: "typo", key: "k3", operator: "alice", at: t0, policy: policy)
        }
        #expect(account.balance.credits == 1)
        #expect(account.balance.newEntries.map(\.number) == [1, 2, 3])
    }
}

extension Double {
    fileprivate var json: JSON { .number(self) }
}
