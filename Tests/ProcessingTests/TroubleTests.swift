// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Metrics
import Notation
import Postgres
import Store
import TestSupport
import Testing

@testable import Processing

/// Trouble that no event causes: privileges, the schema, the server, and rows that somebody else holds.
@Suite struct TroubleTests {
    struct Breakage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let trouble: Trouble
        /// `%` stands for the role.
        let breaks: String
        let mends: String
    }

    static let breakages = [
        Breakage(
            testDescription: "a right is revoked", trouble: .privileges,
            breaks: "REVOKE INSERT ON tollgate.access_change FROM %",
            mends: "GRANT INSERT ON tollgate.access_change TO %"),
        Breakage(
            testDescription: "a table is renamed", trouble: .schema,
            breaks: "ALTER TABLE tollgate.access_change RENAME TO elsewhere",
            mends: "ALTER TABLE tollgate.elsewhere RENAME TO access_change"),
        Breakage(
            testDescription: "a column is renamed", trouble: .schema,
            breaks: "ALTER TABLE tollgate.invoice RENAME COLUMN status TO state",
            mends: "ALTER TABLE tollgate.invoice RENAME COLUMN state TO status"),
        Breakage(
            testDescription: "a table is damaged", trouble: .server,
            breaks: raising("true"), mends: "DROP TRIGGER broken ON tollgate.account"),
    ]

    /// A trigger that fails as a damaged page does.
    private static func raising(_ condition: String) -> String {
        """
        CREATE FUNCTION tollgate.break() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'invalid page in block 1' USING ERRCODE = 'data_corrupted'; END $$;
        CREATE TRIGGER broken BEFORE UPDATE ON tollgate.account FOR EACH ROW WHEN (\(condition))
        EXECUTE FUNCTION tollgate.break()
        """
    }

    private static func events(_ count: Int, of customer: (Int) -> String) -> [JSON] {
        (0..<count).map { n in
            Events.invoice(
                "invoice.paid", id: "evt_\(customer(n))_\(n)", customer: customer(n), invoice: "in_\(n)",
                periodEnd: nil)
        }
    }

    private static func run(_ sql: String, on database: TestDatabase) async throws {
        try await TestDatabase.transaction(on: database.source) { _ = try $0.executeScript(sql) }
    }

    /// How many events are pending without a recorded attempt.
    private static func untouched(_ database: TestDatabase) async throws -> Int {
        try await TestDatabase.transaction(on: database.source) { connection in
            let rows = try connection.execute(
                "SELECT count(*) FROM tollgate.event_work WHERE status = 'pending' AND attempts = 0 AND error IS NULL")
            return try rows.first?.decode(Int.self) ?? -1
        }
    }

    @Test(arguments: breakages)
    func `what all events meet is blamed on none: they wait, it is shown, and once it is mended they end`(
        _ breakage: Breakage
    ) async throws {
        try await TestDatabase.with { database in
            let role = "worker_\(database.name)"
            try await Self.run(
                """
                CREATE ROLE \(role) LOGIN;
                GRANT USAGE ON SCHEMA tollgate TO \(role);
                GRANT ALL ON ALL TABLES IN SCHEMA tollgate TO \(role);
                GRANT ALL ON ALL SEQUENCES IN SCHEMA tollgate TO \(role)
                """, on: database)
            let events = Self.events(20) { "cus_\($0)" }
            try await Pipeline.with(workers: 2, on: database, as: role) { pipeline in
                let outages = pipeline.store.outages
                try await Self.run(breakage.breaks.replacing("%", with: role), on: database)
                for event in events { try await pipeline.receive(event) }
                try await eventually("a sign of it") {
                    outages.stoppingProcessing == breakage.trouble ? true : nil
                }
                #expect(outages.blockingProcessing == [breakage.trouble])
                #expect(try await Self.untouched(database) == events.count)
                try await Self.run(breakage.mends.replacing("%", with: role), on: database)
                for event in events {
                    let ended = try await pipeline.ended(event["id"]?.string ?? "")
                    #expect(ended.record.status == .processed)
                    #expect(ended.attempts.map(\.outcome) == ["processed"])
                }
                try await eventually("the end of it") { outages.blockingProcessing.isEmpty ? true : nil }
            }
            try await Self.run("DROP OWNED BY \(role); DROP ROLE \(role)", on: database)
        }
    }

    @Test func `what one customer's events alone meet delays no other's, and fails none`() async throws {
        try await TestDatabase.with { database in
            try await Self.run(Self.raising("NEW.customer_id = 'cus_bad'"), on: database)
            let (bad, good) = (Self.events(5) { _ in "cus_bad" }, Self.events(20) { "cus_\($0)" })
            try await Pipeline.with(workers: 2, on: database) { pipeline in
                for event in bad + good { try await pipeline.receive(event) }
                for event in good {
                    #expect(try await pipeline.ended(event["id"]?.string ?? "").record.status == .processed)
                }
                // The bad customer's events may be tried after all others have ended.
                try await eventually("a sign of it") {
                    pipeline.store.outages.blockingProcessing == [.server] ? true : nil
                }
                #expect(try await Self.untouched(database) == bad.count)
                try await Self.run("DROP TRIGGER broken ON tollgate.account", on: database)
                for event in bad {
                    #expect(try await pipeline.ended(event["id"]?.string ?? "").attempts.count == 1)
                }
            }
        }
    }

    struct Held: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let events: @Sendable (Int) -> JSON
        let take: @Sendable (Connection) throws -> Void
    }

    static let held = [
        Held(testDescription: "an account") { n in
            Events.invoice(
                "invoice.paid", id: "evt_held_\(n)", customer: "cus_held", invoice: "in_\(n)", periodEnd: nil)
        } take: { connection in
            _ = try connection.execute("SELECT FROM tollgate.account WHERE customer_id = 'cus_held' FOR UPDATE")
        },
        Held(testDescription: "a purchase") { n in
            Events.checkout(id: "evt_held_\(n)", customer: "cus_held", session: "cs_\(n)", paymentIntent: "pi_held")
        } take: { connection in
            _ = try connection.execute("SELECT FROM tollgate.purchase WHERE merged_into IS NULL FOR UPDATE")
        },
        Held(testDescription: "an account that is being made") { n in
            Events.invoice("invoice.paid", id: "evt_held_\(n)", customer: "cus_new", invoice: "in_\(n)", periodEnd: nil)
        } take: { connection in
            _ = try connection.execute(
                """
                INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
                VALUES ('cus_new', false, 'no_subscription', now(), 1)
                """)
        },
    ]

    @Test(arguments: held)
    func `a customer whose rows somebody else holds delays no other's events, and theirs end once when it is let go`(
        _ held: Held
    ) async throws {
        try await TestDatabase.with { database in
            try await Pipeline.with(workers: 2, on: database) { pipeline in
                // Creates the rows to hold.
                try await pipeline.handle([
                    Events.checkout(id: "evt_first", customer: "cus_held", paymentIntent: "pi_held")
                ])
                let (theirs, others) = ((0..<30).map(held.events), Self.events(60) { "cus_\($0 % 20)" })
                try await TestDatabase.hold(database.source) { connection in
                    try held.take(connection)
                } while: {
                    for event in theirs + others { try await pipeline.receive(event) }
                    for event in others {
                        #expect(try await pipeline.ended(event["id"]?.string ?? "").record.status == .processed)
                    }
                    #expect(try await Self.untouched(database) == theirs.count)
                }
                for event in theirs {
                    let ended = try await pipeline.ended(event["id"]?.string ?? "")
                    #expect(ended.record.status == .processed)
                    #expect(ended.attempts.map(\.outcome) == ["processed"])
                }
                #expect(try await pipeline.store.access(of: "cus_held")?.credits == 500)
            }
        }
    }

    @Test func `a customer whose row somebody else holds delays no other's new decision`() async throws {
        try await TestDatabase.with { database in
            let failed = Timestamp.now - .seconds(7200)
            try await Pipeline.with(on: database) { pipeline in
                try await pipeline.handle(
                    (0..<3).map { n in
                        Events.invoice(
                            "invoice.payment_failed", id: "evt_\(n)", created: failed, customer: "cus_\(n)",
                            invoice: "in_\(n)")
                    })
            }
            let strict = Policy(gracePeriod: .seconds(3600))
            try await Pipeline.with(policy: strict, sweeping: true, on: database) { pipeline in
                try await eventually("everybody's") { () -> Bool? in
                    try await pipeline.reason("cus_0") == .paymentOverdue ? true : nil
                }
            }
            try await TestDatabase.hold(database.source) { connection in
                _ = try connection.execute("SELECT FROM tollgate.account WHERE customer_id = 'cus_0' FOR UPDATE")
            } while: {
                try await Pipeline.with(sweeping: true, on: database) { pipeline in
                    for customer in ["cus_1", "cus_2"] {
                        try await eventually("the decision about \(customer)") { () -> Bool? in
                            try await pipeline.reason(customer) == .gracePeriod ? true : nil
                        }
                    }
                    #expect(try await pipeline.reason("cus_0") == .paymentOverdue)
                }
            }
            try await Pipeline.with(sweeping: true, on: database) { pipeline in
                try await eventually("the decision about cus_0") { () -> Bool? in
                    try await pipeline.reason("cus_0") == .gracePeriod ? true : nil
                }
            }
        }
    }

    @Test func `a batch holds so many bytes that large events do not fill the memory, and the rest comes next`()
        async throws
    {
        try await Pipeline.with(workers: 0) { pipeline in
            // Random text, which compresses badly.
            var random = SeededRandom(1)
            for n in 0..<24 {
                let noise = String(
                    decoding: (0..<900_000).map { _ in UInt8.random(in: 97...122, using: &random) }, as: UTF8.self)
                try await pipeline.receive(
                    Events.invoice(
                        "invoice.paid", id: "evt_\(n)", customer: "cus_\(n)", invoice: "in_\(n)",
                        ["description": .string(noise)]))
            }
            let worker = try await pipeline.store.queue.register()
            let handler = BatchHandler(policy: Policy())
            var seen: [Int] = []
            while true {
                let turn = try await pipeline.store.queue.claim(atMost: 256, for: worker) { batch in
                    let size = batch.events.reduce(0) { $0 + ($1.payload?.count ?? 0) }
                    return (try handler.handle(&batch).count, size, batch.leavesMore)
                }
                guard let (count, size, leavesMore) = turn else { break }
                seen.append(count)
                #expect(size < 9 << 20)
                #expect(leavesMore == (seen.reduce(0, +) < 24))
            }
            #expect(seen == [10, 10, 4])
        }
    }

    @Test func `an event that its process died of too often is counted as failed`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            try await pipeline.receive(Events.checkout(id: "evt_1"))
            try await Self.run(
                """
                UPDATE tollgate.event_work SET crashes = 3;
                INSERT INTO tollgate.worker (process, events) VALUES (1, '{evt_1}')
                """, on: pipeline.database)
            let metrics = TestMetrics()
            try await Rescuer(
                pipeline.store.queue, outages: pipeline.store.outages, metrics: metrics, logger: Logger(label: "test")
            ).rescuePredecessors()
            #expect(try await pipeline.ended("evt_1").record.status == .failed)
            #expect(
                metrics.counts.filter { $0.value > 0 } == [
                    #"tollgate_events_processed_total outcome=failed type=checkout.session.completed"#: 1
                ])
        }
    }
}
