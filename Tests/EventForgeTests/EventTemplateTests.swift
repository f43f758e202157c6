// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe
import Testing

@testable import EventForge

@Suite struct EventTemplateTests {
    /// The same numbers every time (splitmix64), so that ids repeat.
    private struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let created = Timestamp(seconds: 1_764_000_000)

    private static func event(
        _ type: String,
        seed: UInt64 = 1,
        _ change: (inout EventTemplate) -> Void = { _ in }
    ) -> JSON {
        var template = EventTemplate(type: type, created: created)
        change(&template)
        var generator = SeededGenerator(state: seed)
        return template.event(using: &generator)
    }

    static let types = [
        "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded", "invoice.payment_failed",
        "invoice.payment_action_required", "invoice.overdue", "invoice.voided", "invoice.marked_uncollectible",
        "invoice.upcoming", "invoice.updated", "invoice_payment.paid", "customer.created", "customer.updated",
        "customer.deleted", "customer.subscription.created", "customer.subscription.updated",
        "customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed",
        "customer.subscription.trial_will_end", "checkout.session.completed",
        "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
        "checkout.session.expired", "payment_intent.succeeded", "payment_intent.payment_failed", "charge.succeeded",
        "charge.failed", "charge.refunded", "charge.refund.updated", "charge.dispute.created", "charge.dispute.closed",
        "refund.created", "refund.updated", "refund.failed", "payment_method.attached", "customer.tax_id.created",
        "billing_portal.session.created",
    ]

    @Test(arguments: types)
    func `every type gives an event that decodes`(type: String) throws {
        let json = Self.event(type)
        let event = try Event(payload: json.bytes)
        #expect(event.id.hasPrefix("evt_"))
        #expect(event.id.utf8.count == 28)
        #expect(event.type == type)
        #expect(event.created == Self.created)
        #expect(event.livemode == false)
        #expect(event.apiVersion == "2026-10-28.endive")
        let object = try #require(event.object)
        #expect(ID.isValid(try #require(object["id"]?.string)))
        #expect(object["object"]?.string != nil)
        #expect(json["pending_webhooks"]?.integer == 1)
        #expect(json.object?["request"] == ["id": .null, "idempotency_key": .null])
        let namesNobody = ["refund", "charge.refund", "charge.dispute", "invoice_payment"].contains {
            type.hasPrefix("\($0).")
        }
        #expect(event.customer == (namesNobody ? nil : "cus_tollgate_demo"))
    }

    @Test(arguments: [
        ("invoice.created", "draft"), ("invoice.finalized", "open"), ("invoice.paid", "paid"),
        ("invoice.payment_succeeded", "paid"), ("invoice.payment_failed", "open"), ("invoice.overdue", "open"),
        ("invoice.payment_action_required", "open"), ("invoice.voided", "void"),
        ("invoice.marked_uncollectible", "uncollectible"), ("invoice.upcoming", "draft"),
        ("customer.subscription.created", "active"), ("customer.subscription.deleted", "canceled"),
        ("customer.subscription.paused", "paused"), ("customer.subscription.trial_will_end", "trialing"),
        ("payment_intent.succeeded", "succeeded"), ("charge.dispute.created", "needs_response"),
        ("charge.dispute.closed", "lost"), ("refund.failed", "failed"), ("invoice_payment.paid", "paid"),
    ])
    func `the status is in line with the type`(type: String, status: String) {
        #expect(Self.event(type).at("data.object.status")?.string == status)
    }

    @Test func `an invoice has the shape of the current API`() throws {
        let object = try #require(Self.event("invoice.paid").at("data.object"))
        #expect(object.at("parent.subscription_details.subscription")?.string == "sub_tollgate_demo")
        #expect(object["billing_reason"]?.string == "subscription_cycle")
        #expect(object["amount_paid"]?.integer == object["amount_due"]?.integer)
        let line = try #require(object.at("lines.data")?[0])
        #expect(line.at("period.start")?.integer == 1_764_000_000)
        #expect(line.at("period.end")?.integer == 1_766_592_000)
        for removed in ["subscription", "charge", "payment_intent", "paid"] {
            #expect(object.object?[removed] == nil)
        }
        let invoice = try Stripe.Invoice(object)
        #expect(invoice.subscription == "sub_tollgate_demo")
        #expect(invoice.periodEnd == Timestamp(seconds: 1_766_592_000))
    }

    @Test func `a failure and a payment of one customer are about one invoice`() {
        let failed = Self.event("invoice.payment_failed", seed: 1) { $0.customer = "cus_7" }
        let paid = Self.event("invoice.paid", seed: 2) { $0.customer = "cus_7" }
        let other = Self.event("invoice.paid", seed: 1) { $0.customer = "cus_8" }
        #expect(failed.at("data.object.id") == "in_7")
        #expect(paid.at("data.object.id") == "in_7")
        #expect(other.at("data.object.id") == "in_8")
        #expect(failed["id"] != paid["id"])
        let subscription = Self.event("customer.subscription.created") { $0.customer = "cus_7" }
        #expect(subscription.at("data.object.id") == paid.at("data.object.parent.subscription_details.subscription"))
        #expect(subscription.at("data.object.latest_invoice") == "in_7")
    }

    @Test func `what is given is used`() {
        let event = Self.event("invoice.paid") {
            $0.customer = "cus_1"
            $0.invoice = "in_2"
            $0.subscription = "sub_3"
            $0.id = "evt_4"
            $0.livemode = true
            $0.apiVersion = "2025-03-31.basil"
        }
        #expect(event["id"] == "evt_4")
        #expect(event["livemode"] == true)
        #expect(event["api_version"] == "2025-03-31.basil")
        #expect(event.at("data.object.id") == "in_2")
        #expect(event.at("data.object.livemode") == true)
        #expect(event.at("data.object.customer") == "cus_1")
        #expect(event.at("data.object.parent.subscription_details.subscription") == "sub_3")
    }

    @Test(arguments: [
        "checkout.session.completed", "checkout.session.async_payment_succeeded", "payment_intent.succeeded",
    ])
    func `a top-up says how many credits it buys`(type: String) throws {
        let event = Self.event(type) {
            $0.credits = 500
            $0.creditsKey = "tokens"
        }
        #expect(event.at("data.object.metadata") == ["tokens": "500"])
        #expect(Self.event(type).at("data.object.metadata") == [:])
    }

    @Test func `a Checkout top-up is a paid payment of its own each time`() throws {
        let object = try #require(Self.event("checkout.session.completed").at("data.object"))
        #expect(object["mode"] == "payment")
        #expect(object["payment_status"] == "paid")
        #expect(try #require(object["payment_intent"]?.string).hasPrefix("pi_"))
        let other = Self.event("checkout.session.completed", seed: 2)
        #expect(other.at("data.object.payment_intent") != object["payment_intent"])
    }

    @Test func `an invoice that sells credits is no subscription's`() throws {
        let object = try #require(Self.event("invoice.paid") { $0.credits = 500 }.at("data.object"))
        #expect(object["billing_reason"] == "manual")
        #expect(object["id"] != "in_tollgate_demo")
        #expect(try Stripe.Invoice(object).subscription == nil)
    }

    @Test func `what takes a payment back names the payment's charge`() {
        let events = [
            "charge.succeeded", "charge.refunded", "refund.created", "refund.failed", "charge.dispute.created",
        ]
        .map { type in Self.event(type) { $0.paymentIntent = "pi_9" } }
        #expect(events.allSatisfy { $0.at("data.object.payment_intent") == "pi_9" })
        #expect(events[1].at("data.object.id") == "ch_9")
        #expect(events[2].at("data.object.charge") == "ch_9")
        #expect(events[2].at("data.object.id") == events[3].at("data.object.id"))
        #expect(events[1].at("data.object.amount_refunded") == events[1].at("data.object.amount"))
    }

    @Test func `an event of the v2 API is thin`() throws {
        let json = Self.event("v2.core.account.updated")
        let event = try Event(payload: json.bytes)
        #expect(json["object"] == "v2.core.event")
        #expect(event.created == Self.created)
        #expect(event.object == nil)
        #expect(json.at("related_object.type") == "v2.core.account")
    }

    @Test func `one seed gives one event`() {
        #expect(Self.event("invoice.paid", seed: 3) == Self.event("invoice.paid", seed: 3))
        #expect(Self.event("invoice.paid", seed: 3) != Self.event("invoice.paid", seed: 4))
    }
}
