// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres
import Store
import StripeAPI
import TestSupport
import Testing

@testable import Fetching

@Suite struct FetcherTests {
    private typealias Fixture = FetchingFixture

    private static func thin(_ id: String, _ type: String, _ members: [String: JSON] = [:]) -> JSON {
        let own: [String: JSON] = [
            "id": .string(id), "object": "v2.core.event", "type": .string(type), "livemode": false,
            "created": "2026-11-28T09:00:00.000Z",
        ]
        return .object(own.merging(members) { $1 })
    }

    private static let intent: JSON = [
        "id": "pi_1", "object": "payment_intent", "customer": "cus_1", "amount": 500, "amount_received": 500,
        "currency": "usd", "status": "succeeded", "metadata": ["credits": "70"], "livemode": false,
        "created": 1_790_000_000,
    ]

    @Test func `a thin event and the snapshot that it is the form of are one`() async throws {
        let snapshot = StripeStandIn.event(
            "evt_snapshot", "payment_intent.succeeded", created: Fixture.now - 60, object: Self.intent)
        let thin = Self.thin("evt_thin", "v1.payment_intent.succeeded")
        let told = Self.thin("evt_thin", "v1.payment_intent.succeeded", ["snapshot_event": "evt_snapshot"])
        try await Fixture.with(["events": [snapshot], "objects": [told]]) { fixture in
            try await fixture.deliver([thin])
            try await fixture.processing {
                #expect(try await fixture.ended("evt_snapshot").status == .processed)
                #expect(try await fixture.sources() == ["evt_thin": "webhook", "evt_snapshot": "thin"])
                #expect(try await fixture.credits("cus_1") == 70)
                let event = try await fixture.ended("evt_thin")
                #expect(event.status == .ignored && event.detail == "thin")
                // Its webhook comes after all.
                try await fixture.deliver([snapshot])
                #expect(try await fixture.credits("cus_1") == 70)
                let triggers = try await fixture.stripe.requests().compactMap {
                    $0.at("headers.stripe-request-trigger") ?? $0.at("headers.Stripe-Request-Trigger")
                }
                #expect(triggers == ["event=evt_thin", "event=evt_thin"])
            }
        }
    }

    @Test func `a thin event that is the form of a thin one leads nowhere`() async throws {
        let told = Self.thin("evt_thin", "v1.payment_intent.succeeded", ["snapshot_event": "evt_other"])
        let other = Self.thin("evt_other", "v1.payment_intent.succeeded", ["created": .integer(Fixture.now - 60)])
        try await Fixture.with(["events": [other], "objects": [told]]) { fixture in
            try await fixture.deliver([Self.thin("evt_thin", "v1.payment_intent.succeeded")])
            try await fixture.processing {
                try await eventually("it was told") {
                    fixture.logged.contains { $0.contains("is no snapshot event") } ? true : nil
                }
                #expect(try await fixture.sources() == ["evt_thin": "webhook"])
            }
        }
    }

    @Test func `without a snapshot the object is asked for`() async throws {
        let told = Self.thin(
            "evt_thin", "v1.payment_intent.succeeded",
            ["related_object": ["id": "pi_1", "type": "payment_intent", "url": "/v1/payment_intents/pi_1"]])
        try await Fixture.with(["objects": [told, Self.intent]]) { fixture in
            try await fixture.deliver([Self.thin("evt_thin", "v1.payment_intent.succeeded")])
            try await fixture.processing {
                try await fixture.gives(70, "cus_1")
                #expect(try await fixture.sources().values.contains("refetch"))
            }
        }
    }

    @Test func `what Stripe could not make an event of is asked for as an object`() async throws {
        let type = "v2.core.health.event_generation_failure.resolved"
        let told = Self.thin(
            "evt_failure", type,
            ["data": ["impact": ["event_type": "payment_intent.succeeded", "related_object_id": "pi_1"]]])
        try await Fixture.with(["objects": [told, Self.intent]]) { fixture in
            try await fixture.deliver([Self.thin("evt_failure", type)])
            try await fixture.processing {
                try await fixture.gives(70, "cus_1")
            }
        }
    }

    @Test func `an address elsewhere is never asked`() async throws {
        let told = Self.thin(
            "evt_thin", "v1.payment_intent.succeeded",
            [
                "related_object": [
                    "id": "pi_1", "type": "payment_intent", "url": "https://example.com/v1/payment_intents/pi_1",
                ]
            ])
        try await Fixture.with(["objects": [told, Self.intent]]) { fixture in
            try await fixture.deliver([Self.thin("evt_thin", "v1.payment_intent.succeeded")])
            try await fixture.processing {
                try await eventually("it was asked about") { try await fixture.stripe.requests().isEmpty ? nil : true }
                _ = try await fixture.ended("evt_thin")
                try await eventually("nothing is left to ask") {
                    try await fixture.store.fetches.next(for: "two") == nil ? true : nil
                }
                #expect(try await fixture.stripe.requests().count == 1)
            }
        }
    }

    @Test func `a Checkout session's lines are asked for, and then its price sells credits`() async throws {
        let lines: [JSON] = (0..<120).map { number in
            [
                "id": .string("li_\(number)"), "object": "item", "amount_total": 100, "amount_subtotal": 100,
                "quantity": 1, "currency": "usd", "price": ["id": number == 110 ? "price_credits" : "price_other"],
            ]
        }
        let session: JSON = [
            "id": "cs_test_1", "object": "checkout.session", "mode": "payment", "payment_status": "paid",
            "status": "complete", "customer": "cus_1", "payment_intent": "pi_1", "amount_total": 12000,
            "currency": "usd", "metadata": [:], "livemode": false,
        ]
        var whole = try #require(session.object)
        whole["line_items"] = .array(lines)
        let event = StripeStandIn.event(
            "evt_1", "checkout.session.completed", created: Fixture.now - 60, object: session)
        try await Fixture.with(["objects": [.object(whole)]]) { fixture in
            _ = try await fixture.store.prices.set("price_credits", credits: 40, unitAmount: nil, operator: "test")
            try await fixture.deliver([event])
            try await fixture.processing {
                let record = try await fixture.ended("evt_1", attempts: 2)
                #expect(record.status == .processed && record.detail == nil)
                #expect(try await fixture.credits("cus_1") == 40)
            }
        }
    }

    @Test func `an event whose lines never come has failed, and its replay asks again`() async throws {
        let session: JSON = [
            "id": "cs_test_1", "object": "checkout.session", "mode": "payment", "payment_status": "paid",
            "status": "complete", "customer": "cus_1", "payment_intent": "pi_1", "amount_total": 100,
            "currency": "usd", "metadata": [:], "livemode": false,
        ]
        let event = StripeStandIn.event(
            "evt_1", "checkout.session.completed", created: Fixture.now - 60, object: session)
        let line: JSON = [
            "id": "li_1", "object": "item", "amount_total": 100, "amount_subtotal": 100, "quantity": 1,
            "currency": "usd", "price": ["id": "price_credits"],
        ]
        var whole = try #require(session.object)
        whole["line_items"] = [line]
        try await Fixture.with([:]) { fixture in
            _ = try await fixture.store.prices.set("price_credits", credits: 40, unitAmount: nil, operator: "test")
            try await fixture.deliver([event])
            try await fixture.processing {
                try await eventually("it was asked for") {
                    fixture.logged.contains { $0.contains("does not answer what is asked") } ? true : nil
                }
                // Three days later.
                try await fixture.execute("UPDATE tollgate.event_fetch SET attempts = 80, run_at = clock_timestamp()")
                let failed = try await eventually("it has failed") {
                    let record = try await fixture.store.events.find("evt_1")?.record
                    return record?.status == .failed ? record : nil
                }
                #expect(failed.error == "\(StripeAPIError.notFound)" && failed.attempts == 2)
                try await fixture.stripe.add(["objects": [.object(whole)]])
                _ = try await fixture.store.queue.requeue("evt_1", by: "alice")
                try await fixture.gives(40, "cus_1")
                #expect(try await fixture.ended("evt_1", attempts: 4).status == .processed)
            }
        }
    }

    @Test func `a customer whose events were all lost is learned, once`() async throws {
        let subscription: JSON = [
            "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active", "livemode": false,
            "created": 1_790_000_000, "current_period_end": 1_893_456_000, "items": ["object": "list", "data": []],
            "metadata": [:],
        ]
        let customer: JSON = ["id": "cus_1", "object": "customer", "livemode": false, "created": 1_790_000_000]
        try await Fixture.with(["objects": [customer, subscription, Self.intent]]) { fixture in
            let request = try await fixture.store.refetches.request("cus_1", operator: "test")
            #expect(request.isPending && request.found == nil)
            try await fixture.processing {
                let done = try await eventually("it is done") {
                    let record = try await fixture.store.refetches.find("cus_1")
                    return record?.isPending == false ? record : nil
                }
                #expect(done.error == nil && done.found == done.stored)
                try await eventually("the flag") {
                    try await fixture.store.customers.statement(of: "cus_1", latest: 1)?.answer.decision.allowed == true
                        ? true : nil
                }
                let count = try await fixture.sources().count
                _ = try await fixture.store.refetches.request("cus_1", operator: "test")
                let again = try await eventually("it is done again") {
                    let record = try await fixture.store.refetches.find("cus_1")
                    return record?.isPending == false && record?.finishedAt != done.finishedAt ? record : nil
                }
                #expect(again.stored == 0)
                #expect(try await fixture.sources().count == count)
            }
        }
    }

    /// The events for which Stripe was asked in vain.
    private static func failed(_ fixture: Fixture) async throws -> [String] {
        let database = Database(fixture.source, connections: 1)
        let ids = try await database.transaction { connection in
            try connection.execute("SELECT event_id FROM tollgate.event_fetch WHERE error IS NOT NULL").map {
                row -> String in try row["event_id"]
            }
        }
        try await database.shutdown()
        return ids
    }

    @Test func `what Stripe does not answer keeps nothing else waiting, and is asked once a time`() async throws {
        let types = (0..<3).map { "evt_hangs\($0)" }
        let told = Self.thin(
            "evt_thin", "v1.payment_intent.succeeded",
            ["related_object": ["id": "pi_1", "type": "payment_intent", "url": "/v1/payment_intents/pi_1"]])
        try await Fixture.with(["objects": [told, Self.intent]]) { fixture in
            for id in types { try await fixture.stripe.fail(["path": .string("/v2/core/events/\(id)"), "hang": 20]) }
            try await fixture.stripe.fail(["path": "/v2/core/events/evt_fails", "status": 500])
            for id in types + ["evt_fails", "evt_thin"] {
                try await fixture.deliver([Self.thin(id, "v1.payment_intent.succeeded")])
            }
            try await fixture.processing {
                try await fixture.gives(70, "cus_1")
                #expect(try await Self.failed(fixture).allSatisfy { !$0.contains("hangs") }, "it was waited for")
                try await eventually("the end of one that fails") {
                    try await Self.failed(fixture).contains("evt_fails") ? true : nil
                }
                let paths = try await fixture.stripe.requests().compactMap { $0["path"]?.string }
                #expect(Set(paths.filter { $0.contains("hangs") }).count == 3)
                #expect(paths.filter { $0.contains("hangs") }.count == 3, "one was asked for twice at once")
                #expect(paths.filter { $0.contains("evt_fails") }.count < RetryRule.attempts)
            }
        }
    }

    @Test func `a Stripe that is away, or says no, is asked again later`() async throws {
        try await Fixture.with([:]) { fixture in
            try await fixture.stripe.fail(["path": "/v2/core/events", "status": 403])
            try await fixture.deliver([Self.thin("evt_thin", "v1.payment_intent.succeeded")])
            try await fixture.processing {
                try await eventually("it was told") {
                    fixture.logged.contains { $0.contains("does not answer what is asked") } ? true : nil
                }
                try await eventually("it waits") {
                    try await fixture.store.fetches.next(for: "one") == nil ? true : nil
                }
            }
        }
    }

    @Test func `a key or a permission that was mended is used within ten minutes`() {
        for error in [StripeAPIError.keyRefused, .accountRefused, .notPermitted(permission: nil)] {
            for refusals in [0, 1000] {
                let next = FetchPause(after: error, refusals: refusals)
                #expect(next.pause == .seconds(600) && next.refusals == refusals)
            }
        }
    }

    @Test func `what may be answered otherwise later is asked for again for three days`() {
        for error in [
            StripeAPIError.notFound, .unreadable("x"), .refused(status: 400, code: nil, parameter: nil, request: nil),
        ] {
            #expect(FetchPause(after: error, refusals: 0).pause == .seconds(15))
            var (refusals, whole, pauses) = (0, Duration.zero, 0)
            while let pause = FetchPause(after: error, refusals: refusals).pause {
                // An outage in between takes nothing from that.
                let outage = FetchPause(after: .unavailable("x"), refusals: refusals)
                #expect(outage.pause == .seconds(30) && outage.refusals == refusals)
                (whole, pauses) = (whole + pause, pauses + 1)
                refusals = FetchPause(after: error, refusals: refusals).refusals
            }
            #expect(pauses == 80 && whole > .seconds(3 * 86_400))
        }
    }

    @Test func `what was never asked for comes before what was asked for in vain`() async throws {
        try await Fixture.with([:]) { fixture in
            for customer in ["cus_1", "cus_2", "cus_3"] {
                _ = try await fixture.store.refetches.request(customer, operator: "test")
            }
            try await fixture.execute("UPDATE tollgate.refetch SET error = 'x' WHERE subject <> 'cus_3'")
            var order: [String] = []
            while let task = try await fixture.store.fetches.next(for: "one", besides: Set(order)) {
                order.append(task.id)
            }
            #expect(order == ["cus_3", "cus_1", "cus_2"])
        }
    }

    @Test func `a lease that a wrong clock has made long is over`() async throws {
        try await Fixture.with([:]) { fixture in
            _ = try await fixture.store.refetches.request("cus_1", operator: "test")
            func lease(_ end: SQL) async throws -> Bool {
                try await fixture.execute(
                    "UPDATE tollgate.lease SET holder = 'dead', ends_at = clock_timestamp() + \(end)")
                return try await fixture.store.fetches.next(for: "one") != nil
            }
            #expect(try await lease("interval '1 minute'") == false)
            #expect(try await lease("interval '1 day'"))
        }
    }

    @Test func `a request that comes while the last is answered is not swallowed`() async throws {
        try await Fixture.with([:]) { fixture in
            let task = try await fixture.store.refetches.take("cus_1", operator: "test")
            _ = try await fixture.store.refetches.request("cus_1", operator: "test")
            let found = FetchSteps.Found(
                [], count: 0, state: "a", asked: Timestamp(seconds: Fixture.now), telling: task.telling("a"),
                omissions: [])
            try await fixture.store.fetches.finish(task, found)
            #expect(try await fixture.store.refetches.find("cus_1")?.isPending == true)
            try await fixture.store.fetches.postpone(task, "x", for: nil, refusals: 1)
            #expect(try await fixture.store.refetches.find("cus_1")?.isPending == true)
        }
    }

    @Test func `a state is told again where an event of the same moment may outweigh it`() async throws {
        try await Fixture.with([:]) { fixture in
            let event = StripeStandIn.event(
                "evt_1", "customer.subscription.updated", created: Fixture.now,
                object: ["id": "sub_1", "object": "subscription", "customer": "cus_1"])
            try await fixture.deliver([event])
            func tell(_ state: String, asked: Int64) async throws -> String? {
                let task = try await fixture.store.refetches.take("cus_1", operator: "test")
                let telling = task.telling(state)
                let found = FetchSteps.Found(
                    [], count: 0, state: state, asked: Timestamp(seconds: asked), telling: telling, omissions: [])
                try await fixture.store.fetches.finish(task, found)
                return telling?.marker
            }
            #expect(try await tell("active", asked: Fixture.now - 1) == "evt_1#0")
            // The event outweighs what was asked a second before it.
            #expect(try await tell("active", asked: Fixture.now + 5) == "evt_1#1")
            #expect(try await tell("active", asked: Fixture.now + 10) == nil)
            #expect(try await tell("paused", asked: Fixture.now + 15) == "evt_1#2")
            #expect(try await tell("active", asked: Fixture.now + 20) == "evt_1#3")
        }
    }
}
