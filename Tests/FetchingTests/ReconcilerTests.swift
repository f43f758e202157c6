// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres
import ServiceLifecycle
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite struct ReconcilerTests {
    private typealias Fixture = FetchingFixture

    private static func reconciler(
        _ fixture: Fixture, _ holder: String = "one", accounts: Set<String> = [], every interval: Duration = .zero,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) -> Reconciler {
        Reconciler(
            fixture.client, fixture.store.listings, fixture.store.fetches, accounts: accounts, every: interval,
            holder: holder,
            outages: fixture.store.outages, metrics: fixture.metrics, now: now, logger: fixture.log.logger)
    }

    /// Lets them run while `body` runs.
    private static func running(_ reconcilers: [Reconciler], _ body: () async throws -> Void) async throws {
        let tasks = reconcilers.map { reconciler in Task { try await reconciler.run() } }
        defer { for task in tasks { task.cancel() } }
        try await body()
    }

    private static func missed(_ fixture: Fixture) -> Int {
        let line = fixture.metrics.render().split(separator: "\n").first {
            $0.hasPrefix("tollgate_stripe_missed_total ")
        }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? -1
    }

    private static func paid(_ id: String, ago: Int64, appearsIn delay: Int64? = nil) -> JSON {
        StripeStandIn.event(
            id, "invoice.paid", created: Fixture.now - ago, object: ["id": "in_1", "customer": "cus_1"],
            appearsAt: delay.map { Fixture.now + $0 })
    }

    @Test func `missed is what the rules read, a minute old, of the last day, and not here`() async throws {
        let events = [
            Self.paid("evt_missed", ago: 3600), Self.paid("evt_came", ago: 3000), Self.paid("evt_old", ago: 90_000),
            Self.paid("evt_young", ago: -100),
            StripeStandIn.event("evt_other", "customer.created", created: Fixture.now - 900),
        ]
        try await Fixture.with(["events": .array(events)]) { fixture in
            try await fixture.deliver([events[1]])
            try await Self.running([Self.reconciler(fixture)]) {
                try await eventually("the missed one is here") {
                    try await fixture.sources()["evt_missed"] == "backfill" ? true : nil
                }
                let rounds = try await fixture.listRequests().count
                try await eventually("two more rounds") {
                    try await fixture.listRequests().count > rounds + 2 ? true : nil
                }
                #expect(try await fixture.sources() == ["evt_missed": "backfill", "evt_came": "webhook"])
                #expect(Self.missed(fixture) == 1)
                #expect(fixture.logged.filter { $0.contains("missed events were taken in") }.count == 1)
            }
        }
    }

    @Test func `what is listed late is found by the overlap`() async throws {
        let late = Self.paid("evt_late", ago: 300)
        try await Fixture.with([:]) { fixture in
            try await Self.running([Self.reconciler(fixture)]) {
                try await eventually("a round") { try await fixture.listRequests().count > 1 ? true : nil }
                try await fixture.stripe.add(["events": [late]])
                try await eventually("it is here") {
                    try await fixture.sources()["evt_late"] == "backfill" ? true : nil
                }
            }
        }
    }

    @Test func `of two processes, one does it`() async throws {
        try await Fixture.with(["events": .array((0..<250).map { Self.paid("evt_\($0)", ago: 120 + $0) })]) { fixture in
            try await Self.running([
                Self.reconciler(fixture, "one", every: .seconds(3600)),
                Self.reconciler(fixture, "two", every: .seconds(3600)),
            ]) {
                try await eventually("all are here") { try await fixture.sources().count == 250 ? true : nil }
                #expect(try await fixture.listRequests().count == 3)
                #expect(Self.missed(fixture) == 250)
            }
        }
    }

    @Test func `trouble at Stripe is told once, and its end too; the other accounts are compared`() async throws {
        let state: JSON = [
            "events": [Self.paid("evt_own", ago: 600)],
            "accounts": ["acct_gone": ["events": [Self.paid("evt_gone", ago: 600)], "revoked": true]],
        ]
        try await Fixture.with(state) { fixture in
            try await Self.running([Self.reconciler(fixture, accounts: ["acct_gone"])]) {
                try await eventually("the own account's is here") {
                    try await fixture.sources()["evt_own"] == "backfill" ? true : nil
                }
                let rounds = try await fixture.listRequests().count
                try await eventually("more rounds") {
                    try await fixture.listRequests().count > rounds + 4 ? true : nil
                }
                let told = fixture.logged.filter { $0.contains("cannot be asked") }
                #expect(told.count == 1 && told[0].contains("acct_gone"))
                try await fixture.stripe.add(["account": "acct_gone", "revoked": false])
                try await eventually("the other account's is here") {
                    try await fixture.sources()["evt_gone"] == "backfill" ? true : nil
                }
                #expect(fixture.logged.filter { $0.contains("can be asked again") }.count == 1)
            }
        }
    }

    @Test func `an account of which nothing comes keeps no other waiting`() async throws {
        try await Fixture.with([:]) { fixture in
            let steps = fixture.store.listings
            var turns: [String?] = []
            for _ in 0..<4 {
                turns.append(
                    try await steps.nextOfReconciliation(of: ["", "acct_1"], every: .zero, for: "one")?.account)
            }
            #expect(turns == [nil, "acct_1", nil, "acct_1"])
            #expect(try await steps.nextOfReconciliation(of: ["", "acct_1"], every: .zero, for: "two") == nil)
        }
    }

    /// - Parameter ahead: until when all was compared, from now, in seconds.
    private static func cover(_ ahead: Int64, _ fixture: Fixture) async throws {
        try await fixture.execute(
            """
            INSERT INTO tollgate.reconciliation (account, covered_until, succeeded_at)
            VALUES ('', \(Timestamp(seconds: Fixture.now + ahead)), 'epoch')
            """)
    }

    /// - Parameter isLate: whether the next window begins where Stripe's clock is not yet.
    @Test(arguments: [false, true])
    func `a PostgreSQL whose clock is ahead of Stripe's keeps nothing from being seen`(_ isLate: Bool) async throws {
        let behind: Int64 = 3600
        // Of this moment: the tests may have begun a while ago.
        let passed = Timestamp.now.seconds - Fixture.now
        let events = [
            Self.paid("evt_settled", ago: behind + 120), Self.paid("evt_under_way", ago: behind + 5 - passed),
            Self.paid("evt_old", ago: behind + 80_000),
        ]
        try await Fixture.with(["events": .array(events)]) { fixture in
            try await fixture.stripe.turnClock(-behind)
            if isLate { try await Self.cover(-600, fixture) }
            let reconciler = Self.reconciler(fixture, every: .seconds(3600)) {
                .now - .seconds(behind)
            }
            let database = Database(fixture.source, connections: 1)
            try await Self.running([reconciler]) {
                let covered = try await eventually("a comparison") {
                    try await database.transaction { connection -> Timestamp? in
                        try connection.execute(
                            """
                            SELECT covered_until FROM tollgate.reconciliation WHERE succeeded_at > 'epoch'
                            """
                        ).first.map { try $0["covered_until"] }
                    }
                }
                #expect(covered <= .now - .seconds(behind + 60) && covered >= .now - .seconds(behind + 120))
                #expect(try await fixture.sources() == ["evt_settled": "backfill", "evt_old": "backfill"])
            }
            try await database.shutdown()
        }
    }

    @Test func `a machine whose clock is far ahead of Stripe's compares nothing until it is set right`() async throws {
        try await Fixture.with(["events": [Self.paid("evt_1", ago: 7300)]]) { fixture in
            try await fixture.stripe.turnClock(-7200)
            try await Self.running([Self.reconciler(fixture)]) {
                try await eventually("the log to say so") {
                    fixture.logged.contains { $0.contains("s behind this machine's") } ? true : nil
                }
                #expect(try await fixture.sources().isEmpty)
                #expect(
                    try await fixture.store.health.reconciledAt([""]) ?? Timestamp(seconds: 0) == Timestamp(seconds: 0))
                try await fixture.stripe.turnClock(0)
                try await eventually("the event") {
                    try await fixture.sources()["evt_1"] == "backfill" ? true : nil
                }
            }
        }
    }

    @Test func `a comparison that a wrong clock dates in the future keeps no other waiting`() async throws {
        try await Fixture.with([:]) { fixture in
            try await Self.cover(-60, fixture)
            let steps = fixture.store.listings
            func begins(_ succeeded: SQL) async throws -> Bool {
                try await fixture.execute(
                    "UPDATE tollgate.reconciliation SET succeeded_at = clock_timestamp() + \(succeeded)")
                return try await steps.nextOfReconciliation(of: [""], every: .seconds(600), for: "one") != nil
            }
            #expect(try await begins("interval '0'") == false)
            #expect(try await begins("interval '1 day'"))
            try await fixture.execute(
                "UPDATE tollgate.reconciliation SET succeeded_at = clock_timestamp() + interval '1 day'")
            let shown = try #require(try await fixture.store.health.reconciledAt([""]))
            #expect(shown <= .now + .seconds(60))
        }
    }

    @Test func `an account that is compared no longer says nothing of when the others were`() async throws {
        try await Fixture.with([:]) { fixture in
            try await fixture.execute(
                """
                INSERT INTO tollgate.reconciliation (account, covered_until, succeeded_at)
                VALUES ('', now(), now()), ('acct_gone', now() - interval '9 days', now() - interval '9 days')
                """)
            let diagnosis = DiagnosisStore(fixture.source)
            let day = Duration.seconds(86_400)
            let now = try await diagnosis.now()
            #expect(try #require(await diagnosis.missed(of: [""]).comparedAt) > now - day)
            #expect(try #require(await diagnosis.missed(of: ["", "acct_gone"]).comparedAt) < now - day)
            #expect(try await diagnosis.missed(of: ["", "acct_new"]).comparedAt == nil)
            try await diagnosis.close()
        }
    }

    @Test func `a page that nothing goes on from is taken in, and the log says that the walk ends there`() async throws
    {
        let events = (0..<150).map { Self.paid("évt_\($0)", ago: 3600 + Int64($0)) }
        try await Fixture.with(["events": .array(events)]) { fixture in
            try await Self.running([Self.reconciler(fixture)]) {
                try await eventually("two rounds") { try await fixture.listRequests().count > 2 ? true : nil }
                #expect(try await fixture.sources().count == 100)
                #expect(Self.missed(fixture) == 100)
            }
            let told = fixture.logged.filter { $0.contains("Stripe cannot be asked for what did not come") }
            #expect(told.count == 1 && told.first?.contains("its list does not go on") == true, "\(fixture.logged)")
        }
    }

    @Test func `what a wrong clock said was covered is compared again`() async throws {
        try await Fixture.with([:]) { fixture in
            try await Self.cover(86_400, fixture)
            let listing = try await fixture.store.listings.nextOfReconciliation(of: [""], every: .zero, for: "one")
            #expect(listing.map { $0.until.seconds - $0.since.seconds } == 87_000)
        }
    }

    @Test func `a list that never ends, or that forgets its own events, ends the walk`() async throws {
        try await Fixture.with(["events": .array(Fixture.events(250))]) { fixture in
            try await fixture.stripe.fail(["path": "/v1/events", "after": 1, "status": 404])
            let backfill = try await fixture.start()
            let end = try await fixture.finish(backfill)
            #expect(end.status == .failed)
            #expect(try await fixture.listRequests().count < 20)
        }
    }
}
