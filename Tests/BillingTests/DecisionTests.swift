// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

@Suite struct DecisionTests {
    static let graceEnd = t0 + 72 * hour
    static let renewed = t0 + 30 * day + 72 * hour

    static let paid = Events.invoice("invoice.paid", id: "evt_paid")
    static let failed = Events.invoice("invoice.payment_failed", id: "evt_failed", invoice: "in_2")
    static let topUp = Events.checkout(id: "evt_top_up")

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let events: [JSON]
        let at: Timestamp
        let expected: Decision
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "nobody", events: [], at: t0, expected: Decision(.noSubscription)),
        Row(name: "a paid renewal", events: [paid], at: t0, expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "the last second that a paid invoice carries", events: [paid], at: renewed - .seconds(1),
            expected: Decision(.invoicePaid, until: renewed)),
        Row(name: "the second it no longer does", events: [paid], at: renewed, expected: Decision(.subscriptionEnded)),
        Row(
            name: "a paid invoice whose lines carry no period",
            events: [Events.invoice("invoice.paid", id: "evt_1", periodEnd: nil)], at: t0 + 1000 * day,
            expected: Decision(.invoicePaid)),
        Row(
            name: "invoice.payment_succeeded means the same",
            events: [Events.invoice("invoice.payment_succeeded", id: "evt_1")], at: t0,
            expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "a paid invoice without a subscription entitles nobody",
            events: [Events.invoice("invoice.paid", id: "evt_1", subscription: nil)], at: t0,
            expected: Decision(.noSubscription)),
        Row(
            name: "a failed renewal of a known subscriber", events: [paid, failed], at: t0,
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "a failed renewal of a subscriber from before", events: [failed], at: t0,
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "the last second of grace", events: [paid, failed], at: graceEnd - .seconds(1),
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "the second grace is over", events: [paid, failed], at: graceEnd,
            expected: Decision(.paymentOverdue)),
        Row(
            name: "paid after all",
            events: [paid, failed, Events.invoice("invoice.paid", id: "evt_3", invoice: "in_2")], at: graceEnd,
            expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "another invoice's payment settles nothing",
            events: [failed, Events.invoice("invoice.paid", id: "evt_3", invoice: "in_3")], at: graceEnd,
            expected: Decision(.paymentOverdue)),
        Row(
            name: "void closes the debt",
            events: [paid, failed, Events.invoice("invoice.voided", id: "evt_3", invoice: "in_2")], at: graceEnd,
            expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "uncollectible stays a debt",
            events: [paid, failed, Events.invoice("invoice.marked_uncollectible", id: "evt_3", invoice: "in_2")],
            at: graceEnd, expected: Decision(.paymentOverdue)),
        Row(
            name: "a first invoice that fails neither gives grace nor blocks",
            events: [
                Events.invoice("invoice.payment_failed", id: "evt_1", billingReason: "subscription_create")
            ],
            at: graceEnd, expected: Decision(.noSubscription)),
        Row(
            name: "an overdue invoice that is sent by mail",
            events: [Events.invoice("invoice.overdue", id: "evt_1")], at: t0,
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "an unpaid invoice without a subscription gives no access in grace",
            events: [Events.invoice("invoice.payment_failed", id: "evt_1", subscription: nil)], at: t0,
            expected: Decision(.noSubscription, until: graceEnd)),
        Row(
            name: "and is a debt after it",
            events: [Events.invoice("invoice.payment_failed", id: "evt_1", subscription: nil)], at: graceEnd,
            expected: Decision(.paymentOverdue)),
        Row(name: "credits", events: [topUp], at: t0, expected: Decision(.credits)),
        Row(
            name: "a subscription is named before credits", events: [topUp, paid], at: t0,
            expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "credits carry on when the subscription ends", events: [topUp, paid], at: renewed,
            expected: Decision(.credits)),
        Row(
            name: "credits while a debt is in grace",
            events: [topUp, Events.invoice("invoice.payment_failed", id: "evt_1", subscription: nil)], at: t0,
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "credits do not outweigh a debt", events: [topUp, failed], at: graceEnd,
            expected: Decision(.paymentOverdue)),
        Row(
            name: "credits that were all taken back", events: [topUp, Events.refund(id: "evt_1", amount: 1000)], at: t0,
            expected: Decision(.creditsExhausted)),
        Row(
            name: "an unpaid invoice that only sells credits is no debt",
            events: [
                Events.invoice(
                    "invoice.payment_failed", id: "evt_1", subscription: nil, ["metadata": ["credits": "5"]])
            ],
            at: graceEnd, expected: Decision(.noSubscription)),
        Row(
            name: "nor is one that Checkout made for a top-up",
            events: [
                Events.checkout(id: "evt_1", ["invoice": "in_1"]),
                Events.invoice("invoice.payment_failed", id: "evt_2", subscription: nil),
            ], at: graceEnd, expected: Decision(.credits)),
        Row(
            name: "one of a subscription that sells credits too is",
            events: [Events.invoice("invoice.payment_failed", id: "evt_1", ["metadata": ["credits": "5"]])],
            at: graceEnd, expected: Decision(.paymentOverdue)),
        Row(
            name: "an action that the customer must take changes nothing",
            events: [paid, Events.invoice("invoice.payment_action_required", id: "evt_1", invoice: "in_2")],
            at: t0 + 4 * day, expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "an open dispute, where it does not block",
            events: [paid, Events.charge(id: "evt_1"), Events.dispute(id: "evt_2")], at: t0,
            expected: Decision(.invoicePaid, until: renewed)),
    ]

    static let strict = Policy(blocksOnDispute: true)

    /// Each rule of the list against the ones below it.
    @Test func `each rule stands above those that follow`() throws {
        let dispute = [Events.charge(id: "evt_c"), Events.dispute(id: "evt_d", amount: 10)]
        let active = SubscriptionTests.subscription("active", id: "evt_s", subscription: "sub_2")
        let trouble = Events.invoice("invoice.payment_failed", id: "evt_f", invoice: "in_2", subscription: nil)
        let deny = Override(allowed: false, reason: "abuse", until: nil, operator: "alice", setAt: t0)
        let everything = [Self.topUp, active, trouble, SubscriptionTests.deleted] + dispute

        func reasons(_ events: [JSON], at now: Timestamp, override: Override? = nil) throws -> Reason {
            var account = try World(events, policy: Self.strict).account
            if let override { account.setOverride(override, at: t0, policy: Self.strict) }
            return account.decide(at: now, policy: Self.strict).reason
        }
        #expect(try reasons(everything, at: Self.graceEnd, override: deny) == .overrideDeny)
        #expect(try reasons(everything, at: Self.graceEnd) == .customerDeleted)
        #expect(try reasons([Self.topUp, active, trouble] + dispute, at: Self.graceEnd) == .disputed)
        #expect(try reasons([Self.topUp, active, trouble], at: Self.graceEnd) == .paymentOverdue)
        #expect(try reasons([Self.topUp, active, trouble], at: Self.graceEnd - .seconds(1)) == .gracePeriod)
        #expect(try reasons([Self.topUp, active], at: Self.graceEnd) == .subscriptionActive)
        #expect(try reasons([Self.topUp], at: Self.graceEnd) == .credits)
        let ended = SubscriptionTests.subscription("canceled", id: "evt_e", at: t0 + 9, subscription: "sub_2")
        #expect(
            try reasons([Self.topUp, ended, Events.refund(id: "evt_r", amount: 1000)], at: t0) == .creditsExhausted)
        #expect(try reasons([ended], at: t0) == .subscriptionEnded)
        #expect(try reasons([], at: t0) == .noSubscription)
    }

    @Test(arguments: rows) func `the decision table`(_ row: Row) throws {
        let account = try Account.after(row.events)
        #expect(account.decide(at: row.at, policy: policy) == row.expected)
        let reversed = try Account.after(row.events.reversed())
        #expect(reversed.decide(at: row.at, policy: policy) == row.expected)
    }

    @Test func `no retry moves the grace period, whichever comes first`() throws {
        let first = Events.invoice("invoice.payment_failed", id: "evt_1", invoice: "in_2")
        let retry = Events.invoice("invoice.payment_failed", id: "evt_2", created: t0 + 48 * hour, invoice: "in_2")
        for events in [[first, retry], [retry, first], [retry, first, retry]] {
            let account = try Account.after(events)
            #expect(account.decide(at: t0 + 1, policy: policy) == Decision(.gracePeriod, until: Self.graceEnd))
        }
    }

    @Test func `a failure that arrives after the payment changes nothing`() throws {
        let settled = Events.invoice("invoice.paid", id: "evt_2", invoice: "in_2")
        for events in [[Self.failed, settled], [settled, Self.failed]] {
            let account = try Account.after(events)
            #expect(account.decide(at: Self.graceEnd, policy: policy).reason == .invoicePaid)
        }
    }

    @Test func `of several debts the earliest deadline counts`() throws {
        let later = Events.invoice("invoice.payment_failed", id: "evt_2", created: t0 + 10 * hour, invoice: "in_3")
        let account = try Account.after([Self.paid, later, Self.failed])
        #expect(account.decide(at: t0 + 11 * hour, policy: policy) == Decision(.gracePeriod, until: Self.graceEnd))
    }

    @Test func `an override stands above everything until it ends`() throws {
        var account = try Account.after([Self.failed])
        let end = t0 + 5 * day
        let deny = Override(allowed: false, reason: "abuse", until: end, operator: "alice", setAt: t0)
        account.setOverride(deny, at: t0, policy: policy)
        #expect(account.decide(at: t0, policy: policy) == Decision(.overrideDeny, until: end))
        #expect(account.decide(at: end - .seconds(1), policy: policy) == Decision(.overrideDeny, until: end))
        #expect(account.decide(at: end, policy: policy) == Decision(.paymentOverdue))
        account.clearOverride(operator: "alice", at: t0, policy: policy)
        #expect(account.decide(at: t0, policy: policy) == Decision(.gracePeriod, until: Self.graceEnd))
    }

    @Test func `every reason says whether it allows, as the contract lists them`() {
        let allowed = Reason.allCases.filter(\.allows).map(\.rawValue)
        let denied = Reason.allCases.filter { !$0.allows }.map(\.rawValue)
        #expect(allowed == ["subscription_active", "invoice_paid", "credits", "grace_period", "override_allow"])
        #expect(
            denied == [
                "payment_overdue", "credits_exhausted", "no_subscription", "subscription_ended", "disputed",
                "override_deny", "customer_deleted",
            ]
        )
    }
}
