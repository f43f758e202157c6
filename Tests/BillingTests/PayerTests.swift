// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

/// A customer who pays is never blocked because other events are late, lost or not enabled. Each row in every order,
/// and with repeated events.
@Suite struct PayerTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let events: [JSON]
        var at = t0 + day
        let expected: Decision
        var debts = Policy.Debts.charged
        var testDescription: String { name }
    }

    static let graceEnd = t0 + 72 * hour
    static let periodEnd = t0 + 30 * day
    static let renewed = t0 + 30 * day + 72 * hour

    static func subscription(
        _ status: String,
        id: String = "evt_sub",
        type: String = "customer.subscription.updated",
        at created: Timestamp = t0,
        latestInvoice: String? = nil,
        previous: String? = nil,
        cancellation: String? = nil,
        _ members: [String: JSON] = [:],
        previously: [String: JSON] = [:]
    ) -> JSON {
        SubscriptionTests.subscription(
            status, id: id, type: type, at: created, latestInvoice: latestInvoice, previous: previous,
            cancellation: cancellation, members, previously: previously)
    }

    static func paid(
        _ invoice: String = "in_2",
        at created: Timestamp = t0,
        reason: String = "subscription_cycle",
        until end: Timestamp? = periodEnd,
        with members: [String: JSON] = [:]
    ) -> JSON {
        Events.invoice(
            "invoice.paid", id: "evt_paid_\(invoice)", created: created, invoice: invoice, billingReason: reason,
            periodEnd: end, members)
    }

    static func failed(
        _ type: String = "invoice.payment_failed",
        _ invoice: String = "in_2",
        at created: Timestamp = t0,
        subscription: String? = "sub_1",
        reason: String = "subscription_cycle",
        with members: [String: JSON] = [:]
    ) -> JSON {
        Events.invoice(
            type, id: "evt_failed_\(invoice)", created: created, invoice: invoice, subscription: subscription,
            billingReason: reason, members)
    }

    // MARK: A payment never removes access

    static let givenUp = subscription(
        "canceled", type: "customer.subscription.deleted", at: t0 + 2 * day, cancellation: "payment_failed")

    static let late = [
        Row(
            name: "paid after Stripe gave up: through its period",
            events: [failed(), givenUp, paid(at: t0 + 5 * day)], at: t0 + 6 * day,
            expected: Decision(.invoicePaid, until: periodEnd)),
        Row(
            name: "and not beyond", events: [failed(), givenUp, paid(at: t0 + 5 * day)], at: periodEnd,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "its failure need not be known", events: [givenUp, paid(at: t0 + 5 * day)], at: t0 + 6 * day,
            expected: Decision(.invoicePaid, until: periodEnd)),
        Row(
            name: "nor is what happens to the subscription's details later in the way",
            events: [
                givenUp, paid(at: t0 + 5 * day),
                subscription(
                    "canceled", id: "evt_feedback", at: t0 + 8 * day, cancellation: "payment_failed",
                    ["ended_at": .integer((t0 + 2 * day).seconds)]),
            ], at: t0 + 9 * day, expected: Decision(.invoicePaid, until: periodEnd)),
        Row(
            name: "what was paid before Stripe gave up on another is over with it",
            events: [paid("in_1", at: t0 - 2 * day), failed(), givenUp], at: graceEnd,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "paying the older of two debts last takes nothing from the newer",
            events: [
                givenUp, paid("in_3", at: t0 + 5 * day, until: t0 + 60 * day),
                paid("in_2", at: t0 + 6 * day, until: t0 + 10 * day),
            ], at: t0 + 7 * day, expected: Decision(.invoicePaid, until: t0 + 60 * day)),
        Row(
            name: "canceled for another reason, paid or not, is over",
            events: [
                failed(), subscription("canceled", at: t0 + 2 * day, cancellation: "cancellation_requested"),
                paid(at: t0 + 5 * day),
            ], at: t0 + 6 * day, expected: Decision(.subscriptionEnded)),
        Row(
            name: "paid within the grace period for a period that is over: what is left of the grace period stays",
            events: [failed(), givenUp, paid(at: t0 + 2 * day, until: t0)], at: t0 + 60 * hour,
            expected: Decision(.invoicePaid, until: graceEnd)),
        Row(
            name: "and so with invoices alone, sixty days net",
            events: [
                failed("invoice.overdue", at: t0 + 60 * day, with: ["collection_method": "send_invoice"]),
                paid(at: t0 + 61 * day),
            ], at: t0 + 62 * day, expected: Decision(.invoicePaid, until: t0 + 63 * day)),
        Row(
            name: "void is not paid", events: [failed(), givenUp, failed("invoice.voided")], at: t0 + 60 * hour,
            expected: Decision(.subscriptionEnded)),
    ]

    // MARK: A draft is not a debt

    static let drafts = [
        Row(
            name: "a status that goes on blames no invoice",
            events: [subscription("past_due", latestInvoice: "in_3", previously: ["latest_invoice": "in_2"])],
            at: t0 + 9 * day, expected: Decision(.subscriptionActive)),
        Row(
            name: "nor does an event that says nothing of before",
            events: [subscription("past_due", latestInvoice: "in_3")], at: t0 + 9 * day,
            expected: Decision(.subscriptionActive)),
        Row(
            name: "the invoice that failed is one all the same",
            events: [
                subscription("past_due", id: "evt_1", latestInvoice: "in_2", previous: "active"),
                subscription("past_due", id: "evt_2", at: t0 + day, latestInvoice: "in_3"),
            ], at: graceEnd, expected: Decision(.paymentOverdue)),
        Row(
            name: "and paid it sets free, whatever became of the draft",
            events: [
                subscription("past_due", id: "evt_1", latestInvoice: "in_2", previous: "active"),
                subscription("past_due", id: "evt_2", at: t0 + day, latestInvoice: "in_3"),
                paid(at: t0 + 9 * day),
            ], at: t0 + 10 * day, expected: Decision(.subscriptionActive)),
        Row(
            name: "becoming unpaid blames it too",
            events: [subscription("unpaid", latestInvoice: "in_2", previous: "past_due")], at: graceEnd,
            expected: Decision(.paymentOverdue)),
    ]

    // MARK: First invoices

    static let overdueFirst = failed(
        "invoice.overdue", reason: "subscription_create", with: ["collection_method": "send_invoice"])
    static let behind = subscription("past_due", id: "evt_behind", latestInvoice: "in_2", previous: "active")
    static let declined = failed(reason: "subscription_create", with: ["collection_method": "charge_automatically"])

    static let firsts = [
        Row(
            name: "by mail, overdue", events: [overdueFirst], expected: Decision(.gracePeriod, until: graceEnd)),
        Row(name: "after its grace period", events: [overdueFirst], at: graceEnd, expected: Decision(.paymentOverdue)),
        Row(
            name: "by mail, told by its subscription alone", events: [behind], at: graceEnd,
            expected: Decision(.paymentOverdue)),
        Row(name: "told by both", events: [overdueFirst, behind], at: graceEnd, expected: Decision(.paymentOverdue)),
        Row(
            name: "an overdue event without a collection method",
            events: [failed("invoice.overdue", reason: "subscription_create")], at: graceEnd,
            expected: Decision(.paymentOverdue)),
        Row(
            name: "charged, nothing known of it", events: [declined], at: graceEnd, expected: Decision(.noSubscription)),
        Row(
            name: "charged, incomplete", events: [declined, subscription("incomplete")], at: graceEnd,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "charged, incomplete_expired", events: [declined, subscription("incomplete_expired")], at: graceEnd,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "charged by a bank that took its time: it ran", events: [declined, behind], at: graceEnd,
            expected: Decision(.paymentOverdue)),
        Row(
            name: "and has its grace period", events: [declined, behind],
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "a later invoice that was paid says that it ran", events: [declined, paid("in_3")], at: graceEnd,
            expected: Decision(.paymentOverdue)),
        Row(
            name: "declined and then paid", events: [declined, paid(reason: "subscription_create")], at: graceEnd,
            expected: Decision(.invoicePaid, until: renewed)),
    ]

    // MARK: Invoices without a subscription

    static let consulting = failed(
        "invoice.overdue", "in_x", subscription: nil, reason: "manual", with: ["collection_method": "send_invoice"])
    static let declinedByMail = failed(
        "invoice.payment_failed", "in_x", subscription: nil, reason: "manual",
        with: ["collection_method": "send_invoice"])

    static let manual = [
        Row(
            name: "by mail it blocks nobody", events: [subscription("active"), consulting], at: graceEnd,
            expected: Decision(.subscriptionActive)),
        Row(
            name: "nor does it say grace_period", events: [subscription("active"), consulting],
            expected: Decision(.subscriptionActive)),
        Row(
            name: "nor where a card was declined on its page", events: [subscription("active"), declinedByMail],
            at: graceEnd, expected: Decision(.subscriptionActive)),
        Row(
            name: "in the words of the oldest versions",
            events: [
                subscription("active"),
                failed("invoice.payment_failed", subscription: nil, with: ["billing": "send_invoice"]),
            ], at: graceEnd, expected: Decision(.subscriptionActive)),
        Row(
            name: "but where all are debts", events: [subscription("active"), consulting], at: graceEnd,
            expected: Decision(.paymentOverdue), debts: .all),
        Row(
            name: "charged it does", events: [subscription("active"), failed(subscription: nil)], at: graceEnd,
            expected: Decision(.paymentOverdue)),
        Row(
            name: "of a subscription it does, by mail too",
            events: [subscription("active"), failed("invoice.overdue", with: ["collection_method": "send_invoice"])],
            at: graceEnd, expected: Decision(.paymentOverdue)),
    ]

    // MARK: Without subscription events

    static func arrears(_ members: [String: JSON] = [:], lines: [JSON]) -> JSON {
        paid(
            until: nil,
            with: ["created": .integer(t0.seconds), "lines": ["data": .array(lines)]].merging(members) { $1 })
    }

    static func line(_ from: Int64, _ to: Int64, _ members: [String: JSON] = [:]) -> JSON {
        var line: [String: JSON] = ["id": "il_1", "amount": 100]
        line["period"] = ["start": .integer((t0 + from * day).seconds), "end": .integer((t0 + to * day).seconds)]
        return .object(line.merging(members) { $1 })
    }

    static let alone = [
        Row(
            name: "no lines reach nowhere", events: [paid(with: ["lines": ["data": []]])],
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "nor do lines that are not there", events: [paid(with: ["lines": .null])],
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "they take nothing from what another paid",
            events: [paid("in_1"), paid(with: ["lines": ["data": []]])],
            expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "in arrears: one more period and grace", events: [arrears(lines: [line(-30, 0)])],
            expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "in arrears, and over", events: [arrears(lines: [line(-30, 0)])], at: renewed,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "paid late it reaches no further", events: [arrears(lines: [line(-30, 0)])], at: renewed,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "some in advance: that is how far it reaches", events: [arrears(lines: [line(-30, 0), line(0, 7)])],
            expected: Decision(.invoicePaid, until: t0 + 7 * day + 72 * hour)),
        Row(
            name: "what was billed by itself does not come again",
            events: [arrears(lines: [line(-90, -1, ["type": "invoiceitem"]), line(-7, 0)])],
            expected: Decision(.invoicePaid, until: t0 + 7 * day + 72 * hour)),
        Row(
            name: "nor since basil",
            events: [arrears(lines: [line(-90, -1, ["parent": ["type": "invoice_item_details"]]), line(-7, 0)])],
            expected: Decision(.invoicePaid, until: t0 + 7 * day + 72 * hour)),
        Row(
            name: "in the words of the oldest versions",
            events: [arrears(["created": .null, "date": .integer(t0.seconds)], lines: [line(-30, 0)])],
            expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "canceled for a failed payment, arrears paid after all buy no further period",
            events: [
                givenUp,
                paid(
                    at: t0 + 5 * day, until: nil,
                    with: ["created": .integer(t0.seconds), "lines": ["data": [line(-30, 0)]]]),
            ],
            at: t0 + 6 * day, expected: Decision(.subscriptionEnded)),
    ]

    // MARK: A payment outweighs an older status

    static let outweighed = [
        Row(
            name: "incomplete, and the first invoice paid in the same second",
            events: [
                subscription("incomplete", type: "customer.subscription.created"), paid(reason: "subscription_create"),
            ], expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "incomplete, and a renewal that fails",
            events: [subscription("incomplete"), paid("in_1", until: t0), failed()],
            expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "unpaid, and paid later",
            events: [subscription("unpaid", latestInvoice: "in_2", previous: "past_due"), paid(at: t0 + 4 * day)],
            at: t0 + 5 * day, expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "unpaid, and paid in the same second",
            events: [subscription("unpaid"), paid()], expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "unpaid after all", events: [subscription("unpaid", at: t0 + day), paid("in_1")], at: t0 + 2 * day,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "paused when its trial ended, and paid later", events: [subscription("paused"), paid(at: t0 + 1)],
            expected: Decision(.invoicePaid, until: renewed)),
        Row(
            name: "paused after all", events: [subscription("paused", at: t0 + day), paid("in_1")], at: t0 + 2 * day,
            expected: Decision(.subscriptionEnded)),
    ]

    // MARK: Stripe does not collect

    static func collecting(_ end: Timestamp = periodEnd, id: String = "evt_created", at created: Timestamp = t0) -> JSON
    {
        subscription(
            "active", id: id, type: "customer.subscription.created", at: created,
            ["current_period_end": .integer(end.seconds)])
    }

    static func paused(
        _ behavior: String = "void",
        at created: Timestamp = t0 + day,
        periodEnd end: Timestamp? = periodEnd,
        resumesAt: Timestamp? = nil,
        status: String = "active",
        previously: [String: JSON] = ["pause_collection": .null]
    ) -> JSON {
        let pause: JSON = [
            "behavior": .string(behavior), "resumes_at": resumesAt.map { .integer($0.seconds) } ?? .null,
        ]
        let members: [String: JSON] = [
            "pause_collection": pause, "current_period_end": end.map { .integer($0.seconds) } ?? .null,
        ]
        return subscription(
            status, id: "evt_paused_\(created.seconds)", at: created, members, previously: previously)
    }

    static func rolled(at created: Timestamp, to end: Timestamp) -> JSON {
        paused(at: created, periodEnd: end, previously: ["latest_invoice": "in_2"])
    }

    static let voided = Events.invoice(
        "invoice.voided", id: "evt_voided", created: periodEnd, invoice: "in_3", periodEnd: periodEnd + 30 * day)

    static let pauses = [
        Row(
            name: "void: through the paid period", events: [collecting(), paid(), paused()], at: t0 + 2 * day,
            expected: Decision(.subscriptionActive, until: periodEnd)),
        Row(
            name: "and not beyond", events: [collecting(), paid(), paused()], at: periodEnd,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "known from the subscription alone", events: [paused()], at: t0 + 2 * day,
            expected: Decision(.subscriptionActive, until: periodEnd)),
        Row(
            name: "known from a paid invoice alone", events: [paid(), paused(periodEnd: nil)], at: t0 + 2 * day,
            expected: Decision(.subscriptionActive, until: periodEnd)),
        Row(
            name: "known since basil from its items",
            events: [
                subscription(
                    "active",
                    [
                        "pause_collection": ["behavior": "void"],
                        "items": ["data": [["current_period_end": .integer(periodEnd.seconds)]]],
                    ], previously: ["pause_collection": .null])
            ], expected: Decision(.subscriptionActive, until: periodEnd)),
        Row(
            name: "the next period is nobody's, whatever the subscription says of it",
            events: [collecting(), paid(), paused(), rolled(at: periodEnd, to: periodEnd + 30 * day), voided],
            at: periodEnd, expected: Decision(.subscriptionEnded)),
        Row(
            name: "where only its own events are enabled too",
            events: [collecting(), paused(), rolled(at: periodEnd, to: periodEnd + 30 * day)], at: periodEnd,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "where the pause itself was never told, the first word of it counts",
            events: [
                rolled(at: t0 + 2 * day, to: periodEnd), rolled(at: periodEnd, to: periodEnd + 30 * day),
            ], at: t0 + 3 * day, expected: Decision(.subscriptionActive, until: periodEnd)),
        Row(
            name: "a small invoice in the middle of the period hides nothing of it",
            events: [paid("in_9", until: t0 + hour), paused()], at: t0 + 2 * day,
            expected: Decision(.subscriptionActive, until: periodEnd)),
        Row(
            name: "resumed for a moment and paused again within a period that was voided",
            events: [
                collecting(), paid(), paused(), rolled(at: periodEnd, to: periodEnd + 30 * day), voided,
                subscription(
                    "active", id: "evt_resumed", at: periodEnd + 100,
                    ["current_period_end": .integer((periodEnd + 30 * day).seconds)],
                    previously: ["pause_collection": ["behavior": "void"]]),
                paused(at: periodEnd + 200, periodEnd: periodEnd + 30 * day),
            ], at: periodEnd + day, expected: Decision(.subscriptionEnded)),
        Row(
            name: "it ends by itself", events: [paid(), paused(resumesAt: periodEnd + 9 * day)], at: periodEnd,
            expected: Decision(.subscriptionEnded, until: periodEnd + 9 * day)),
        Row(
            name: "and then it is active again, told or not",
            events: [paid(), paused(resumesAt: periodEnd + 9 * day)], at: periodEnd + 9 * day,
            expected: Decision(.subscriptionActive)),
        Row(
            name: "ending within the paid period it changes nothing",
            events: [paid(), paused(resumesAt: t0 + 9 * day)],
            at: t0 + 2 * day, expected: Decision(.subscriptionActive)),
        Row(
            name: "resumed",
            events: [
                paid(), paused(),
                subscription(
                    "active", id: "evt_resumed", at: t0 + 2 * day,
                    previously: ["pause_collection": ["behavior": "void", "resumes_at": .null]]),
            ], at: periodEnd + 99 * day, expected: Decision(.subscriptionActive)),
        Row(
            name: "paused and resumed in one second, told in any order",
            events: [
                subscription("active", id: "evt_0", at: t0 + day, previous: "trialing"), paused(),
                subscription(
                    "active", id: "evt_1", at: t0 + day, previously: ["pause_collection": ["behavior": "void"]]),
            ], at: periodEnd, expected: Decision(.subscriptionActive)),
        Row(
            name: "made and paused in one second", events: [collecting(at: t0 + day), paused()], at: periodEnd,
            expected: Decision(.subscriptionEnded)),
        Row(
            name: "keep_as_draft changes nothing", events: [paid(), paused("keep_as_draft")], at: periodEnd + 99 * day,
            expected: Decision(.subscriptionActive)),
        Row(
            name: "mark_uncollectible changes nothing",
            events: [
                paid(), paused("mark_uncollectible"),
                Events.invoice("invoice.marked_uncollectible", id: "evt_u", invoice: "in_3"),
            ], at: periodEnd + 99 * day, expected: Decision(.subscriptionActive)),
        Row(
            name: "from void to keep_as_draft",
            events: [
                paid(), paused(),
                paused("keep_as_draft", at: t0 + 2 * day, previously: ["pause_collection": ["behavior": "void"]]),
            ], at: periodEnd + 99 * day, expected: Decision(.subscriptionActive)),
        Row(
            name: "a debt in grace entitles while paused too",
            events: [paid("in_1", until: t0), failed(), paused(periodEnd: nil, status: "past_due")],
            at: t0 + 2 * day, expected: Decision(.gracePeriod, until: graceEnd)),
        Row(
            name: "and blocks when that is over",
            events: [paid("in_1", until: t0), failed(), paused(periodEnd: nil, status: "past_due")],
            at: graceEnd, expected: Decision(.paymentOverdue)),
        Row(
            name: "a trial that is paused ends when it ends", events: [paused(status: "trialing")], at: t0 + 2 * day,
            expected: Decision(.subscriptionActive, until: periodEnd)),
        Row(
            name: "credits carry on", events: [paid(), paused(), DecisionTests.topUp], at: periodEnd,
            expected: Decision(.credits)),
        Row(
            name: "credits until it ends by itself",
            events: [paid(), paused(resumesAt: periodEnd + 9 * day), DecisionTests.topUp], at: periodEnd,
            expected: Decision(.credits, until: periodEnd + 9 * day)),
        Row(
            name: "another subscription is not paused",
            events: [
                paid(), paused(), SubscriptionTests.subscription("active", id: "evt_2", subscription: "sub_2"),
            ], at: periodEnd, expected: Decision(.subscriptionActive)),
    ]

    @Test(arguments: late + drafts + firsts + manual + alone + outweighed + pauses)
    func `the decision, in every order and repeated`(_ row: Row) throws {
        let policy = Policy(gracePeriod: BillingTests.policy.gracePeriod, debts: row.debts)
        let orders = row.events.count > 5 ? [row.events, row.events.reversed()] : permutations(row.events)
        for events in orders + [row.events + row.events] {
            let account = try Account.after(events, policy: policy)
            #expect(account.decide(at: row.at, policy: policy) == row.expected)
        }
    }

    /// For all rows: one more paid invoice never blocks a customer who was allowed.
    @Test func `paying takes no access away from anybody at any time`() throws {
        let known = Self.late + Self.drafts + Self.firsts + Self.manual + Self.alone + Self.outweighed + Self.pauses
        let moments = stride(from: Int64(-1), through: 100, by: 1).map { t0 + $0 * day / 2 }
        for row in known {
            let policy = Policy(gracePeriod: BillingTests.policy.gracePeriod, debts: row.debts)
            let before = try Account.after(row.events, policy: policy)
            for invoice in ["in_1", "in_2", "in_3", "in_x"] {
                for end in [nil, t0, t0 + 30 * day] as [Timestamp?] {
                    let payment = Self.paid(invoice, at: t0 + 6 * day, until: end)
                    let after = try Account.after(row.events + [payment], policy: policy)
                    let denied = moments.first { moment in
                        before.decide(at: moment, policy: policy).allowed
                            && !after.decide(at: moment, policy: policy).allowed
                    }
                    #expect(denied == nil, "\(row.name), paying \(invoice)")
                }
            }
        }
    }
}
