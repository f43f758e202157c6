// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Postgres
import Processing
import Store
import TestSupport
import Testing

/// What is removed when it is old, and what never is.
@Suite struct RetentionTests {
    private static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }

    private func sql<T: Sendable>(
        _ pipeline: Pipeline,
        _ body: @Sendable @escaping (Connection) throws -> T
    ) async throws -> T {
        try await TestDatabase.transaction(on: pipeline.database.source, body)
    }

    /// One event of each status and age, named `failed_11`.
    private func store(_ pipeline: Pipeline, ages: [Int]) async throws {
        try await sql(pipeline) { connection in
            try connection.execute(
                """
                INSERT INTO tollgate.event (id, type, created, received_at, payload)
                SELECT status || '_' || age, 'a', now(), now() - make_interval(days => age::integer), 'x'
                FROM unnest(\(ages)) age,
                     unnest(ARRAY['pending', 'processed', 'ignored', 'failed', 'quarantined']) status
                """
            )
            _ = try connection.execute(
                """
                INSERT INTO tollgate.event_work (event_id, status, detail, error)
                SELECT id, status, CASE status WHEN 'ignored' THEN 'why' END,
                       CASE WHEN status IN ('failed', 'quarantined') THEN 'why' END
                FROM tollgate.event, split_part(id, '_', 1) status
                """
            )
        }
    }

    /// Makes events older than they are.
    private func age(_ pipeline: Pipeline, _ ids: [String], days: Int) async throws {
        try await sql(pipeline) { connection in
            _ = try connection.execute(
                """
                UPDATE tollgate.event SET received_at = now() - make_interval(days => \(days)::bigint::integer)
                WHERE id = ANY (\(ids))
                """
            )
        }
    }

    /// The stored events, those without a payload marked `-`.
    private func left(_ pipeline: Pipeline) async throws -> Set<String> {
        try await sql(pipeline) { connection in
            let rows = try connection.execute(
                "SELECT id || CASE WHEN payload IS NULL THEN '-' ELSE '' END FROM tollgate.event")
            return Set(try rows.map { try $0.decode(String.self) })
        }
    }

    /// Prunes to the end of a run.
    @discardableResult
    private func prune(_ pipeline: Pipeline, retention: Duration, atMost limit: Int = 100) async throws -> Pruning {
        var pruning = Pruning()
        while !pruning.isFinished {
            pruning = try #require(
                try await pipeline.store.retention.prune(pruning, atMost: limit, retention: retention))
        }
        return pruning
    }

    @Test func `payloads go after the retention, ids not before 35 days, and what has not ended well never`()
        async throws
    {
        for limit in [1, 2, 100] {
            try await Pipeline.with(workers: 0) { pipeline in
                try await store(pipeline, ages: [9, 11, 34, 36, 400])
                let counted = try await pipeline.store.retention.countPrunable(retention: Self.days(10))
                #expect(counted == (4, 4))
                let pruning = try await prune(pipeline, retention: Self.days(10), atMost: limit)
                #expect(pruning.payloads == 4)
                #expect(pruning.events == 4)
                var expected: Set = ["processed_9", "ignored_9"]
                expected.formUnion(["processed_11-", "ignored_11-", "processed_34-", "ignored_34-"])
                for status in ["pending", "failed", "quarantined"] {
                    expected.formUnion([9, 11, 34, 36, 400].map { "\(status)_\($0)" })
                }
                #expect(try await left(pipeline) == expected)
                let again = try await prune(pipeline, retention: Self.days(10))
                #expect(again.payloads + again.events == 0)
            }
        }
    }

    @Test func `a retention longer than 35 days keeps payload and id as long`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            try await store(pipeline, ages: [1, 36, 89, 91])
            let pruning = try await prune(pipeline, retention: Self.days(90))
            #expect(pruning.payloads == 0)
            #expect(pruning.events == 2)
            let left = try await left(pipeline)
            #expect(left.isSuperset(of: ["processed_89", "ignored_36", "failed_91", "pending_91", "quarantined_91"]))
            #expect(left.isDisjoint(with: ["processed_91", "ignored_91"]))
        }
    }

    @Test func `within 35 days a late copy of a pruned event is a duplicate, and a replay of it is refused`()
        async throws
    {
        try await Pipeline.with { pipeline in
            let event = Events.checkout(id: "evt_1")
            try await pipeline.handle([event])
            try await age(pipeline, ["evt_1"], days: 34)
            let pruning = try await prune(pipeline, retention: Self.days(1))
            #expect(pruning.payloads == 1)
            #expect(try await pipeline.receive(event) == .duplicate)
            let shown = try #require(try await pipeline.store.events.find("evt_1"))
            #expect(shown.payload == nil)
            #expect(shown.attempts.map(\.outcome) == ["processed"])
            guard case .pruned = try await pipeline.store.queue.requeue("evt_1", by: "x") else {
                Issue.record("a pruned event is replayed")
                return
            }
        }
    }

    @Test func `ledger, timeline and flag outlive the event that made them`() async throws {
        try await Pipeline.with { pipeline in
            try await pipeline.handle([Events.checkout(id: "evt_1")])
            let before = try #require(try await pipeline.store.customers.statement(of: "cus_1"))
            try await age(pipeline, ["evt_1"], days: 400)
            #expect(try await prune(pipeline, retention: Self.days(90)).events == 1)
            #expect(try await pipeline.store.events.find("evt_1")?.record.id == nil)
            let after = try #require(try await pipeline.store.customers.statement(of: "cus_1"))
            #expect(after.answer == before.answer)
            #expect(after.ledger.map(\.entry) == before.ledger.map(\.entry))
            #expect(after.ledger.map(\.entry.cause) == [.event("evt_1")])
            #expect(after.timeline.map(\.change.version) == before.timeline.map(\.change.version))
            #expect(!after.timeline.isEmpty)
            // If the event is delivered again, it gives no more credits: the purchase is known.
            try await pipeline.handle([Events.checkout(id: "evt_1")])
            #expect(try await pipeline.store.access(of: "cus_1")?.credits == 500)
        }
    }

    @Test func `a batch takes no more than its limit`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            try await store(pipeline, ages: Array(11...20) + Array(41...50))
            var pruning = Pruning()
            var batches: [Int] = []
            while !pruning.isFinished {
                let before = pruning
                pruning = try #require(
                    try await pipeline.store.retention.prune(pruning, atMost: 7, retention: Self.days(10)))
                batches.append(pruning.events + pruning.payloads - before.events - before.payloads)
            }
            #expect(batches == [7, 7, 6, 7, 7, 6])
        }
    }

    @Test func `several that prune at once remove each event once`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            try await store(pipeline, ages: Array(11...30) + Array(41...60))
            let removed = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var pruning = Pruning()
                        while !pruning.isFinished {
                            let next = try await pipeline.store.retention.prune(
                                pruning, atMost: 3, retention: Self.days(10))
                            // Another run is pruning.
                            if let next { pruning = next } else { try await Task.sleep(for: .milliseconds(1)) }
                        }
                        return pruning.events + pruning.payloads
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(removed == 80)
            #expect(try await prune(pipeline, retention: Self.days(10)).events == 0)
        }
    }

    @Test func `one prunes at a time, and what a worker or an operator holds is passed over`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            try await store(pipeline, ages: [11, 36])
            let lock: @Sendable (Connection) throws -> Void = { connection in
                _ = try connection.execute("SELECT FROM tollgate.maintenance WHERE task = 'retention' FOR UPDATE")
            }
            try await TestDatabase.hold(pipeline.database.source, lock) {
                let refused = try await pipeline.store.retention.prune(atMost: 10, retention: Self.days(10))
                #expect(refused == nil)
            }
            let hold: @Sendable (Connection) throws -> Void = { connection in
                _ = try connection.execute(
                    """
                    SELECT FROM tollgate.event_work WHERE event_id IN ('processed_11', 'ignored_36') FOR UPDATE
                    """
                )
            }
            try await TestDatabase.hold(pipeline.database.source, hold) {
                let pruning = try await prune(pipeline, retention: Self.days(10))
                #expect(pruning.payloads == 1)
                #expect(pruning.events == 1)
            }
            let left = try await left(pipeline)
            #expect(left.isSuperset(of: ["processed_11", "ignored_36"]))
        }
    }

    @Test func `a replay that meets retention at the same event waits for it, and is refused`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            try await store(pipeline, ages: [11])
            let take: @Sendable (Connection) throws -> Void = { connection in
                try connection.execute("SELECT FROM tollgate.event_work WHERE event_id = 'processed_11' FOR UPDATE")
                _ = try connection.execute("UPDATE tollgate.event SET payload = NULL WHERE id = 'processed_11'")
            }
            var replay: Task<RequeueResult, any Error>?
            try await TestDatabase.hold(pipeline.database.source, take) {
                replay = Task {
                    while true {
                        do {
                            return try await pipeline.store.queue.requeue("processed_11", by: "x")
                        } catch let error as PostgresError where error.sqlState == "55P03" {
                            continue  // a slow machine may exceed the lock timeout
                        }
                    }
                }
                try await eventually("a replay that waits for the event") { () -> Bool? in
                    let waiting = try await sql(pipeline) { connection in
                        try connection.execute(
                            """
                            SELECT count(*) FROM pg_stat_activity
                            WHERE datname = current_database() AND wait_event_type = 'Lock'
                            """
                        ).first?.decode(Int.self) ?? 0
                    }
                    return waiting > 0 ? true : nil
                }
            }
            guard case .pruned = try await replay?.value else {
                Issue.record("an event without its payload is pending")
                return
            }
        }
    }

    @Test func `events that a replay has yet to run keep their payload`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            try await store(pipeline, ages: [11, 36])
            let replay = try await pipeline.store.replays.start(EventFilter(status: .processed), operator: "x")
            #expect(replay.matched == 2)
            let pruning = try await prune(pipeline, retention: Self.days(10))
            #expect(pruning.payloads == 1)
            #expect(pruning.events == 1)
            #expect(try await left(pipeline).isSuperset(of: ["processed_11", "processed_36"]))
            // Once the replay is canceled, they are pruned like any other.
            guard case .canceled = try await pipeline.store.replays.cancel(replay.id) else {
                Issue.record("not canceled")
                return
            }
            let rest = try await prune(pipeline, retention: Self.days(10))
            #expect(rest.payloads == 1)
            #expect(rest.events == 1)
        }
    }

    @Test func `a server prunes by itself, again and again`() async throws {
        try await Pipeline.with(workers: 0) { pipeline in
            try await store(pipeline, ages: [36])
            var schedule = Pruner.Schedule()
            schedule.first = .milliseconds(1)
            schedule.interval = .milliseconds(20)
            schedule.pause = .milliseconds(1)
            schedule.batchLimit = 1
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let pruner = Pruner(
                pipeline.store.retention, outages: pipeline.store.outages, retention: Self.days(10), schedule: schedule,
                logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pruner.run() }
                try await eventually("the first run") {
                    try await left(pipeline).contains("processed_36") ? nil : true
                }
                try await age(pipeline, ["failed_36"], days: 12)
                try await sql(pipeline) { connection in
                    _ = try connection.execute(
                        "UPDATE tollgate.event_work SET status = 'processed', error = NULL WHERE event_id = 'failed_36'"
                    )
                }
                try await eventually("a later run") { try await left(pipeline).contains("failed_36-") ? true : nil }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}
