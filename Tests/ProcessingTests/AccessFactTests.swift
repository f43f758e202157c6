// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres
import Store
import Stripe
import TestSupport
import Testing

/// What the rules need from subscriptions and invoices is kept in their rows.
@Suite struct AccessFactTests {
    private static let now = Timestamp(seconds: Timestamp.now.seconds)
    private static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }

    @Test func `a row says all that the events said`() async throws {
        let end = Self.now + Self.days(9)
        let paid = Events.invoice(
            "invoice.paid", id: "evt_1", created: Self.now, periodEnd: Self.now, ["created": .integer(Self.now.seconds)]
        )
        let yearly = Events.invoice(
            "invoice.paid", id: "evt_2", created: Self.now - Self.days(10), invoice: "in_2", periodEnd: nil)
        let voided = Events.invoice("invoice.voided", id: "evt_3", invoice: "in_3", periodEnd: Self.now - Self.days(1))
        let overdue = Events.invoice(
            "invoice.overdue", id: "evt_4", created: Self.now, invoice: "in_4", subscription: nil,
            ["collection_method": "send_invoice"])
        let paused = Self.subscription("active", id: "evt_5", pausedUntil: end)
        let ended = Self.subscription("canceled", id: "evt_6", subscription: "sub_2", pausedUntil: nil)

        try await Pipeline.with { pipeline in
            try await pipeline.handle([paid, yearly, voided, overdue, paused, ended])
            // Loaded, merged and saved again.
            try await pipeline.handle([Events.checkout(id: "evt_7")])
            let statement = try #require(await pipeline.store.customers.statement(of: "cus_1"))
            let arrears = SubscriptionPayment(
                paidAt: Self.now, periodEnd: Self.now,
                coverage: .until(Self.now + (Self.now - Timestamp(seconds: 0))))
            let open = SubscriptionPayment(paidAt: Self.now - Self.days(10), periodEnd: nil)
            let report = StatusHistory.Report(
                .active, previous: .pastDue, suspension: StatusHistory.Suspension(resumesAt: end), wasSuspended: false)
            let first = Billing.Subscription(
                id: "sub_1", history: StatusHistory(report, at: Self.now),
                payments: SubscriptionPayments([arrears, open]), periodEnd: end,
                voidedThrough: Self.now - Self.days(1))
            let final = StatusHistory.Report(.canceled, previous: .pastDue)
            let second = Billing.Subscription(
                id: "sub_2",
                history: StatusHistory(final, at: Self.now, endedAt: Self.now - Self.days(1), endedUnpaid: true))
            #expect(statement.subscriptions == [first, second])
            #expect(statement.invoices.first { $0.id == "in_4" }?.collectionMethod == .mailed)
        }
    }

    @Test func `a row from before means what it meant`() async throws {
        let end = Self.now + Self.days(20)
        try await Pipeline.with { pipeline in
            try await pipeline.handle([
                Events.invoice("invoice.paid", id: "evt_1", created: Self.now, periodEnd: end),
                Events.invoice(
                    "invoice.overdue", id: "evt_2", created: Self.now - Self.days(9), customer: "cus_2",
                    subscription: nil),
            ])
            #expect(try await pipeline.reason("cus_2") == .noSubscription)
            try await pipeline.forgetNewFacts()
            // The next event, of any type, causes a new decision.
            try await pipeline.handle([
                Events.checkout(id: "evt_3"), Events.checkout(id: "evt_4", customer: "cus_2", paymentIntent: "pi_2"),
            ])
            let decision = try #require(await pipeline.store.access(of: "cus_1")?.decision)
            #expect(decision == Decision(.invoicePaid, until: end + .seconds(72 * 3_600)))
            #expect(try await pipeline.reason("cus_2") == .paymentOverdue)
        }
    }

    @Test func `with another view of invoices that are sent by mail, every answer is decided anew`() async throws {
        let overdue = Events.invoice(
            "invoice.overdue", id: "evt_1", created: Self.now - Self.days(9), subscription: nil,
            ["collection_method": "send_invoice"])
        try await TestDatabase.with { database in
            for (debts, reason) in [
                (Policy.Debts.charged, Reason.credits), (.all, .paymentOverdue), (.charged, .credits),
            ] {
                try await Pipeline.with(policy: Policy(debts: debts), sweeping: true, on: database) { pipeline in
                    try await pipeline.handle([overdue, Events.checkout(id: "evt_2")])
                    try await eventually("the decision under \(debts)") {
                        try await pipeline.reason() == reason ? true : nil
                    }
                }
            }
        }
    }

    @Test func `who pays within the grace period keeps it, also when the invoice has to be looked for`() async throws {
        let failedAt = Self.now - Self.days(1)
        let canceled = Self.subscription("canceled", id: "evt_1", pausedUntil: nil)
        let failed = Events.invoice("invoice.payment_failed", id: "evt_2", created: failedAt, periodEnd: failedAt)
        let paid = Events.invoice("invoice.paid", id: "evt_3", created: Self.now, periodEnd: failedAt)
        try await Pipeline.with { pipeline in
            try await pipeline.handle([canceled, failed, paid, Events.charge(id: "evt_4")])
            let decision = try #require(await pipeline.store.access(of: "cus_1")?.decision)
            #expect(decision == Decision(.invoicePaid, until: failedAt + .seconds(72 * 3_600)))
        }
    }

    private static func subscription(
        _ status: String,
        id: String,
        subscription: String = "sub_1",
        pausedUntil: Timestamp?
    ) -> JSON {
        let pause: JSON? = pausedUntil.map { ["behavior": "void", "resumes_at": .integer($0.seconds)] }
        let isOver = status == "canceled"
        var event =
            Events.event(
                "customer.subscription.updated", id: id, created: now,
                object: [
                    "id": .string(subscription), "object": "subscription", "customer": "cus_1",
                    "status": .string(status), "pause_collection": pause ?? .null,
                    "current_period_end": pausedUntil.map { .integer($0.seconds) } ?? .null,
                    "ended_at": isOver ? .integer((now - days(1)).seconds) : .null,
                    "cancellation_details": isOver ? ["reason": "payment_failed"] : .null,
                ]
            ).object ?? [:]
        var previous: [String: JSON] = ["status": "past_due"]
        if pause != nil { previous["pause_collection"] = .null }
        event["data"] = ["object": event["data"]?["object"] ?? .null, "previous_attributes": .object(previous)]
        return .object(event)
    }
}

extension Timestamp {
    fileprivate static func - (one: Timestamp, other: Timestamp) -> Duration { .seconds(one.seconds - other.seconds) }
}

extension Pipeline {
    /// Leaves the rows as an older version wrote them.
    fileprivate func forgetNewFacts() async throws {
        let database = Database(database.source, connections: 1)
        _ = try await database.transaction { connection in
            try connection.executeScript(
                """
                UPDATE tollgate.subscription SET payments = NULL, period_end = NULL;
                UPDATE tollgate.invoice SET collection_method = NULL;
                """
            ).count
        }
        try await database.shutdown()
    }
}
