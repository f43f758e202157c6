// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

@Suite struct SubscriptionTests {
    static func subscription(
        _ status: String,
        id: String = "evt_sub",
        type: String = "customer.subscription.updated",
        at created: Timestamp = t0,
        subscription: String = "sub_1",
        latestInvoice: String? = nil,
        previous: String? = nil,
        cancellation: String? = nil,
        _ members: [String: JSON] = [:],
        previously: [String: JSON] = [:]
    ) -> JSON {
        var object: [String: JSON] = [
            "id": .string(subscription), "object": "subscription", "customer": "cus_1", "status": .string(status),
        ]
        if let latestInvoice { object["latest_invoice"] = .string(latestInvoice) }
        if let cancellation { object["cancellation_details"] = ["reason": .string(cancellation)] }
        object.merge(members) { $1 }
        var event = Events.event(type, id: id, created: created, object: .object(object)).object ?? [:]
        var before = previously
        if let previous { before["status"] = .string(previous) }
        if !before.isEmpty { event["data"] = ["object": .object(object), "previous_attributes": .object(before)] }
        return .object(event)
    }

    static let graceEnd = t0 + 72 * hour

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let events: [JSON]
        var at = t0
        let expected: Decision
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "active", events: [subscription("active")], expected: Decision(.subscriptionActive)),
        Row(name: "trialing", events: [subscription("trialing")], expected: Decision(.subscriptionActive)),
        Row(
            name: "past_due without an invoice", events: [subscription("past_due")], at: t0 + 30 * day,
            expected: Decision(.subscriptionActive)),
        Row(
            name: "becoming past_due is the failure of its latest invoice",
            events: [subscription("past_due", latestInvoice: "in_2", previous: "active")],
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "and blocks when its grace is over",
            events: [subscription("past_due", latestInvoice: "in_2", previous: "active")], at: graceEnd,
            expected: Decision(.paymentOverdue)),
        Row(
            name: "the earliest failure counts",
            events: [
                subscription("past_due", at: t0 + hour, latestInvoice: "in_2", previous: "active"),
                Events.invoice("invoice.payment_failed", id: "evt_1", invoice: "in_2"),
            ],
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "unpaid in grace", events: [subscription("unpaid", latestInvoice: "in_2", previous: "past_due")],
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "unpaid without a failed invoice", events: [subscription("unpaid")],
            expected: Decision(.subscriptionEnded)),
        Row(name: "incomplete", events: [subscription("incomplete")], expected: Decision(.subscriptionEnded)),
        Row(name: "paused", events: [subscription("paused")], expected: Decision(.subscriptionEnded)),
        Row(
            name: "canceled", events: [DecisionTests.paid, subscription("canceled")],
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "deleted, whatever status it shows",
            events: [DecisionTests.paid, subscription("active", type: "customer.subscription.deleted")],
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "canceled for a failed payment, in grace",
            events: [DecisionTests.failed, subscription("canceled", cancellation: "payment_failed")],
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "canceled for a failed payment, after it: no debt blocks, nothing entitles",
            events: [DecisionTests.failed, subscription("canceled", cancellation: "payment_failed")], at: graceEnd,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "an old debt does not block the customer who came back",
            events: [
                DecisionTests.failed, subscription("canceled"),
                subscription("active", id: "evt_new", subscription: "sub_2"),
            ],
            at: graceEnd, expected: Decision(.subscriptionActive)),
        Row(
            name: "an active subscription outlives its paid period: its own word counts",
            events: [DecisionTests.paid, subscription("active")], at: t0 + 365 * day,
            expected: Decision(.subscriptionActive)),
        Row(
            name: "a deleted customer", events: [subscription("active"), deleted],
            expected: Decision(.customerDeleted)),
        Row(
            name: "a deleted customer, and what came late", events: [deleted, DecisionTests.paid],
            expected: Decision(.customerDeleted)),
    ]

    static let deleted = Events.event("customer.deleted", id: "evt_deleted", object: ["id": "cus_1"])

    @Test(arguments: rows) func `the decision with a subscription's own events`(_ row: Row) throws {
        for events in [row.events, row.events.reversed(), row.events + row.events] {
            #expect(try Account.after(events).decide(at: row.at, policy: policy) == row.expected)
        }
    }

    @Test func `the newest second wins, and an end is final`() throws {
        let later = Self.subscription("active", at: t0 + 1)
        let earlier = Self.subscription("past_due")
        for events in [[later, earlier], [earlier, later]] {
            #expect(try Account.after(events).subscriptions["sub_1"]?.status == .active)
        }
        let ended = Self.subscription("canceled")
        for events in [[later, ended], [ended, later]] {
            #expect(try Account.after(events).subscriptions["sub_1"]?.status == .canceled)
        }
    }

    @Test func `of two events in one second the one that names the other as before it is the later`() throws {
        let created = Self.subscription("incomplete", id: "evt_1", type: "customer.subscription.created")
        let updated = Self.subscription("active", id: "evt_2", previous: "incomplete")
        let back = Self.subscription("active", id: "evt_3", previous: "past_due")
        let late = Self.subscription("past_due", id: "evt_4", previous: "trialing")
        for (events, status) in [([created, updated], SubscriptionStatus.active), ([back, late], .active)] {
            #expect(try Account.after(events).subscriptions["sub_1"]?.status == status)
            #expect(try Account.after(events.reversed()).subscriptions["sub_1"]?.status == status)
        }
    }

    @Test func `for all triples of one second every order of arrival gives one winner`() {
        let statuses = SubscriptionStatus.allCases
        let reports = statuses.flatMap { status in
            [StatusHistory.Report(status)] + statuses.map { StatusHistory.Report(status, previous: $0) }
        }
        let histories = reports.map { StatusHistory($0, at: t0) }
        var disagreements = 0
        for first in histories.indices {
            for second in first..<histories.endIndex {
                for third in second..<histories.endIndex {
                    let (a, b, c) = (histories[first], histories[second], histories[third])
                    var one = a
                    one.merge(b)
                    one.merge(c)
                    var other = c
                    other.merge(a)
                    other.merge(b)
                    var batch = b
                    batch.merge(c)
                    var split = a
                    split.merge(batch)
                    if one.status != other.status || one.status != split.status { disagreements += 1 }
                }
            }
        }
        #expect(disagreements == 0)
    }

    @Test func `a status that Stripe does not have fails and says where`() {
        let error = #expect(throws: FieldError.self) { try Account.after([Self.subscription("sleeping")]) }
        #expect(error?.description == #"data.object.status is no status of a subscription: "sleeping""#)
    }
}
