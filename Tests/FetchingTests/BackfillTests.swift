// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres
import Store
import Stripe
import StripeAPI
import Telemetry
import TestSupport
import Testing

@testable import Fetching

@Suite struct BackfillTests {
    private typealias Fixture = FetchingFixture

    @Test func `what did not come is taken in, and what came is known by its id`() async throws {
        let events = Fixture.events(230)
        try await Fixture.with(["events": .array(events)]) { fixture in
            // As another endpoint's version rendered it.
            try await fixture.deliver(
                (0..<40).map { StripeStandIn.event("evt_\($0 * 5)", created: Fixture.now - 9999) })
            let end = try await fixture.finish(try await fixture.start())
            #expect(end.status == .done && end.error == nil)
            #expect([end.listed, end.stored, end.known] == [230, 190, 40])
            #expect(end.types.map { "\($0.type) \($0.listed) \($0.missing)" } == ["customer.created 230 190"])
            let sources = try await fixture.sources()
            #expect(sources.count == 230)
            #expect(sources.values.filter { $0 == "backfill" }.count == 190)
            #expect(try await fixture.listRequests().count == 3)
            let again = try await fixture.finish(try await fixture.start())
            #expect([again.listed, again.stored, again.known] == [230, 0, 230])
        }
    }

    @Test func `a dry run counts by type, and takes nothing in`() async throws {
        let events =
            Fixture.events(3) + [StripeStandIn.event("evt_paid", "invoice.paid", created: Fixture.now - 60)]
        try await Fixture.with(["events": .array(events)]) { fixture in
            try await fixture.deliver([events[0]])
            let end = try await fixture.finish(try await fixture.start(isDryRun: true))
            #expect([end.listed, end.stored, end.known] == [4, 0, 1])
            #expect(
                end.types.map { "\($0.type) \($0.listed) \($0.missing)" } == [
                    "customer.created 3 2", "invoice.paid 1 1",
                ])
            #expect(try await fixture.sources().count == 1)
        }
    }

    @Test func `one that was interrupted goes on from there, and walks through what is newer`() async throws {
        try await Fixture.with(["events": .array(Fixture.events(450))]) { fixture in
            let first = try await fixture.start()
            var run = fixture.run()
            for _ in 0..<2 { _ = try await run.advance() }
            try await run.stop(first.id, because: "it was interrupted")
            let stopped = try #require(try await fixture.store.backfills.find(first.id))
            #expect(stopped.status == .failed && stopped.stored == 200)
            try await fixture.stripe.add(["events": [StripeStandIn.event("evt_new", created: Fixture.now)]])
            // Relative to now: a little later than the first time.
            let second = try await fixture.finish(try await fixture.start(since: Fixture.now - 86_390), as: "two")
            #expect(second.status == .done && second.stored == 251)
            #expect(try await fixture.sources().count == 451)
            let pages = try await fixture.listRequests().compactMap { request in
                request["query"]?.array?.first { $0.array?.first == "starting_after" }
            }
            #expect(!pages.isEmpty)
            #expect(pages.count == Set(pages.map { "\($0)" }).count, "a page was asked for twice: \(pages)")
        }
    }

    @Test func `two that do the same page store it once, and count it once`() async throws {
        try await Fixture.with(["events": .array(Fixture.events(150))]) { fixture in
            let backfill = try await fixture.start()
            let steps = fixture.store.listings
            let listing = try #require(try await steps.nextOfBackfill(for: "one"))
            #expect(try await steps.nextOfBackfill(for: "two") == nil)
            let page = try await EventLister(client: fixture.client).page(of: listing).page
            #expect(try await steps.record(page, of: listing)?.missing.count == 100)
            #expect(try await steps.record(page, of: listing) == nil)
            #expect(try await fixture.store.backfills.find(backfill.id)?.listed == 100)
            guard case .canceled = try await fixture.store.backfills.cancel(backfill.id) else {
                Issue.record("not canceled")
                return
            }
            #expect(try await steps.nextOfBackfill(for: "one") == nil)
            // The page that was on its way when it was canceled.
            var next = listing
            next.after = page.next
            #expect(try await steps.record(page, of: next) == nil)
        }
    }

    @Test func `a list that does not end is given up`() async throws {
        try await Fixture.with(["events": .array(Fixture.events(150))]) { fixture in
            let backfill = try await fixture.start()
            let database = Database(fixture.source, connections: 1)
            try await database.transaction { connection in
                _ = try connection.execute("UPDATE tollgate.event_listing SET pages = 19999")
            }
            try await database.shutdown()
            let end = try await fixture.finish(backfill)
            #expect(end.status == .failed && end.listed == 100)
            #expect(end.error?.contains("its list does not end") == true, "\(end.error ?? "")")
        }
    }

    @Test func `an account that cannot be read is named, and the others are read`() async throws {
        let state: JSON = [
            "events": .array(Fixture.events(2)),
            "accounts": [
                "acct_gone": ["events": [StripeStandIn.event("evt_gone", created: Fixture.now - 60)], "revoked": true],
                "acct_good": ["events": [StripeStandIn.event("evt_good", created: Fixture.now - 60)]],
            ],
        ]
        try await Fixture.with(state) { fixture in
            let end = try await fixture.finish(try await fixture.start(accounts: ["acct_gone", "acct_good"]))
            #expect(end.status == .failed && end.stored == 3)
            #expect(end.error?.hasPrefix("acct_gone: ") == true && end.error?.contains("acct_good") == false)
            let event = try #require(try await fixture.store.events.find("evt_good"))
            #expect(event.record.account == "acct_good")
            // Its turn comes again, and only its.
            try await fixture.stripe.add(["account": "acct_gone", "revoked": false])
            let again = try await fixture.finish(try await fixture.start(accounts: ["acct_gone", "acct_good"]))
            #expect(again.status == .done && again.stored == 1)
        }
    }

    @Test func `a Stripe that asks for a pause, is away for a moment or talks nonsense is asked again`() async throws {
        try await Fixture.with(["events": .array(Fixture.events(120))]) { fixture in
            let faults: [JSON] = [
                [
                    "path": "/v1/events", "times": 1, "status": 429, "reason": "global-rate",
                    "headers": ["Retry-After": "1"],
                ],
                ["path": "/v1/events", "times": 2, "status": 500], ["path": "/v1/events", "times": 1, "cut": true],
                ["path": "/v1/events", "times": 1, "redirect": .string("\(fixture.stripe.base)/v1/customers")],
            ]
            for fault in faults { try await fixture.stripe.fail(fault) }
            let end = try await fixture.finish(try await fixture.start())
            #expect(end.status == .done && end.stored == 120)
            let text = fixture.metrics.render()
            #expect(text.contains(#"tollgate_stripe_api_requests_total{outcome="limited"} 1"#))
            #expect(text.contains(#"tollgate_stripe_api_requests_total{outcome="unavailable"} 4"#))
        }
    }

    @Test func `nonsense ends it with a word that says so`() async throws {
        try await Fixture.with(["events": .array(Fixture.events(1))]) { fixture in
            try await fixture.stripe.fail(["path": "/v1/events", "garbage": true])
            let end = try await fixture.finish(try await fixture.start())
            #expect(end.status == .failed && end.error?.contains("cannot be read") == true)
        }
    }

    @Test func `a place in the list that Stripe no longer knows begins it anew`() async throws {
        try await Fixture.with(["events": .array(Fixture.events(150))]) { fixture in
            let backfill = try await fixture.start()
            var run = fixture.run()
            _ = try await run.advance()
            try await fixture.stripe.add(["remove": ["evt_99"]])
            let end = try await fixture.finish(backfill)
            #expect(end.status == .done)
            #expect(try await fixture.sources().count == 150)
        }
    }

    @Test func `an odd id at the end of a page hides nothing behind it`() async throws {
        var events = Fixture.events(150)
        events[99] = StripeStandIn.event("évt_99", created: Fixture.now - 2100)
        try await Fixture.with(["events": .array(events)]) { [events] fixture in
            let end = try await fixture.finish(try await fixture.start())
            #expect(end.status == .done && end.stored == 150)
            // The odd one stands on both pages.
            #expect(end.listed == 151 && end.known == 1)
            let odd = try #require(Delivery(payload: events[99].bytes)?.id)
            #expect(try await fixture.store.events.find(odd)?.record.status == .quarantined)
        }
    }

    @Test func `a page that nothing goes on from is taken in before the walk ends`() async throws {
        let events = (0..<150).map { StripeStandIn.event("évt_\($0)", created: Fixture.now - 120 - Int64($0)) }
        let more: JSON = ["acct_good": ["events": [StripeStandIn.event("evt_good", created: Fixture.now - 60)]]]
        try await Fixture.with(["events": .array(events), "accounts": more]) { fixture in
            let end = try await fixture.finish(try await fixture.start(accounts: ["acct_good"]))
            #expect(end.status == .failed && end.error == "\(StripeAPIError.unreadable("its list does not go on"))")
            #expect(end.listed == 101 && end.stored == 101)
            #expect(try await fixture.sources().count == 101)
        }
    }

    @Test func `an event that cannot be read is quarantined, and the others of its page come`() async throws {
        let good = StripeStandIn.event("evt_1", created: Fixture.now - 60)
        let bad = #"{"id":"evt_2","object":"event","type":"invoice.paid","created":1795478400,"a":"\ud800"}"#
        let list = "\(bad),\(String(decoding: good.bytes, as: UTF8.self))"
        let body = #"{"object":"list","data":[\#(list)],"has_more":true}"#
        let connected: JSON = ["acct_1": ["events": []]]
        try await Fixture.with(["events": [good], "accounts": connected]) { fixture in
            try await fixture.stripe.fail(["path": "/v1/events", "times": 1, "body": .string(body)])
            let end = try await fixture.finish(try await fixture.start(accounts: ["acct_1"]))
            #expect(end.status == .done && end.stored == 2, "\(end)")
            let id = try #require(Delivery(payload: Array(bad.utf8))?.id)
            #expect(try await fixture.sources() == ["evt_1": "backfill", id: "backfill"])
            #expect(try await fixture.store.events.find(id)?.record.status == .quarantined)
        }
    }

    @Test func `an event that PostgreSQL refuses keeps none of its page`() async throws {
        try await Fixture.with(["events": .array(Fixture.events(3))]) { fixture in
            let backfill = try await fixture.start()
            let listing = try #require(try await fixture.store.listings.nextOfBackfill(for: "one"))
            let page = try await EventLister(client: fixture.client).page(of: listing).page
            let refused = Delivery(quarantined: "a\u{0}b", digest: "00", payload: [])
            let recorded = try await fixture.store.listings.record(
                ListedPage(page.deliveries + [refused], next: nil, hasMore: false), of: listing)
            #expect(recorded?.missing.count == 3)
            let end = try #require(try await fixture.store.backfills.find(backfill.id))
            #expect(end.status == .done && end.stored == 3)
            #expect(try await fixture.sources().count == 3)
            #expect(fixture.logged.contains { $0.contains("an event was refused") && $0.contains("sha256_00") })
        }
    }

    @Test func `a page that is too large is asked for again, smaller`() async throws {
        let events = (0..<30).map { number in
            let padding = String(repeating: "x", count: number == 12 ? 20_000 : 1500)
            return StripeStandIn.event(
                "evt_\(number)", created: Fixture.now - 120 - Int64(number), object: ["id": .string(padding)])
        }
        try await Fixture.with(["events": .array(events)]) { fixture in
            let small = StripeClient(
                try APIKey(StripeStandIn.key), at: try #require(APIAddress(fixture.stripe.base)), rate: 25,
                sizeLimit: 24_000, metrics: PrometheusRegistry(help: Metric.help))
            let backfill = try await fixture.start()
            var run = BackfillRun(small, fixture.store.listings, holder: "one")
            for _ in 0..<40 { if try await run.advance() == .idle { break } }
            try await small.close()
            let end = try #require(try await fixture.store.backfills.find(backfill.id))
            #expect(end.status == .done && end.stored == 30)
            let sizes = try await fixture.listRequests().compactMap { request in
                request["query"]?.array?.first { $0.array?.first == "limit" }?.array?.last?.string
            }
            #expect(sizes.prefix(5) == ["100", "10", "100", "10", "1"])
        }
    }

    @Test func `an event that is too large ends it with a word that says so`() async throws {
        try await Fixture.with(["events": .array(Fixture.events(1))]) { fixture in
            let small = StripeClient(
                try APIKey(StripeStandIn.key), at: try #require(APIAddress(fixture.stripe.base)), rate: 25,
                sizeLimit: 100, metrics: PrometheusRegistry(help: Metric.help))
            let backfill = try await fixture.start()
            var run = BackfillRun(small, fixture.store.listings, holder: "one")
            _ = try await run.advance()
            try await small.close()
            let end = try #require(try await fixture.store.backfills.find(backfill.id))
            #expect(end.status == .failed && end.error == "\(StripeAPIError.tooLarge(limit: 100))")
            #expect(try await fixture.listRequests().count == 3)
        }
    }
}
