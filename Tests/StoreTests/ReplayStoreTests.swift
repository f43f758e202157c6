// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Store

/// Replays from both sides: what operators request, and how the processing carries it out.
@Suite struct ReplayStoreTests {
    /// Failed events of one customer, `evt_1` and so on, and others that a replay of failed events leaves out: without
    /// a payload, with another status, dismissed.
    private static func events(_ count: Int) -> String {
        """
        INSERT INTO tollgate.event (id, payload, customer_id, received_at)
        SELECT 'evt_' || n, '{}', 'cus_1', now() - interval '1 hour' + n * interval '1 second'
        FROM generate_series(1, \(count)) n;
        INSERT INTO tollgate.event_work (event_id, status, error, attempts)
        SELECT 'evt_' || n, 'failed', 'x', 1 FROM generate_series(1, \(count)) n;
        INSERT INTO tollgate.event (id, payload, customer_id)
        VALUES ('evt_pruned', NULL, 'cus_1'), ('evt_done', '{}', 'cus_1'), ('evt_dismissed', '{}', 'cus_1');
        INSERT INTO tollgate.event_work (event_id, status, detail, error, attempts)
        VALUES ('evt_pruned', 'failed', NULL, 'x', 1), ('evt_done', 'processed', NULL, NULL, 1),
               ('evt_dismissed', 'ignored', 'dismissed', 'x', 1);
        """
    }

    private static func with(
        failed count: Int,
        _ body: (Store, TestDatabase) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            try await TestDatabase.transaction(on: database.source) { connection in
                _ = try connection.executeScript(events(count))
            }
            let store = Store(database.source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await body(store, database)
            try await store.close()
        }
    }

    /// Ends all that is pending.
    private static func work(_ store: Store, _ transition: EventTransition) async throws {
        let worker = try await store.queue.register()
        _ = try await store.queue.claim(atMost: 100, for: worker) { batch in
            batch.complete(Books(), batch.events.map { EventResult(event: $0.id, type: "", transition) })
        }
    }

    @Test func `a replay is about what ended so, has its payload and is not dismissed`() async throws {
        try await Self.with(failed: 3) { store, _ in
            let preview = try await store.replays.preview(EventFilter(status: .failed), sample: 2)
            #expect(preview.count == 3)
            #expect(preview.skipped == 1)
            #expect(preview.sample.map(\.id) == ["evt_3", "evt_2"])
            let made = try await store.replays.start(EventFilter(status: .failed, customer: "cus_1"), operator: "alice")
            #expect(made.status == .running)
            #expect(made.matched == 3 && made.skipped == 1 && made.queued == 0 && made.pending == 0)
            #expect(made.filter.status == .failed && made.filter.customer == "cus_1")
            #expect(made.operator == "alice")
            #expect(made.finishedAt == nil)
            #expect(try await store.replays.find(made.id)?.createdAt == made.createdAt)
            // A replay that matches no event is done at once.
            let empty = try await store.replays.start(EventFilter(status: .ignored), operator: "alice")
            #expect(empty.matched == 0 && empty.status == .done && empty.finishedAt != nil)
            #expect(try await store.replays.list().map(\.id) == [empty.id, made.id])
            #expect(try await store.replaySteps.unfinished() == [made.id])
        }
    }

    @Test func `without a status no event is meant`() async throws {
        try await Self.with(failed: 3) { store, _ in
            let preview = try await store.replays.preview(EventFilter(customer: "cus_1"), sample: 2)
            #expect(preview.count == 0 && preview.skipped == 0 && preview.sample.isEmpty)
        }
    }

    @Test func `its events are queued as others end, and counted by how they did`() async throws {
        try await Self.with(failed: 3) { store, _ in
            let id = try await store.replays.start(EventFilter(status: .failed), operator: "alice").id
            let first = try #require(try await store.replaySteps.advance(id, pendingAtMost: 2))
            #expect(first.queued == 2 && first.ended == 0 && !first.isFinished)
            let waiting = try #require(try await store.replaySteps.advance(id, pendingAtMost: 2))
            #expect(waiting.queued == 0 && waiting.ended == 0 && !waiting.isFinished)
            try await Self.work(store, .processed())
            let second = try #require(try await store.replaySteps.advance(id, pendingAtMost: 2))
            #expect(second.queued == 1 && second.ended == 2 && !second.isFinished)
            try await Self.work(store, .failed(error: "still"))
            let last = try #require(try await store.replaySteps.advance(id, pendingAtMost: 2))
            #expect(last.queued == 0 && last.ended == 1 && last.isFinished)
            #expect(try await store.replaySteps.advance(id, pendingAtMost: 2) == nil)
            let record = try #require(try await store.replays.find(id))
            #expect(record.status == .done && record.finishedAt != nil && record.pending == 0)
            #expect(record.ended == [.processed: 2, .ignored: 0, .failed: 1, .quarantined: 0])
            let event = try #require(try await store.events.find("evt_1"))
            #expect(event.attempts.map(\.operator) == ["alice"])
        }
    }

    @Test func `a step waits for the database four times, however many events it queues`() async throws {
        try await Self.with(failed: 40) { store, _ in
            let id = try await store.replays.start(EventFilter(status: .failed), operator: "alice").id
            let database = store.replaySteps.database
            // The first step prepares the statements.
            _ = try await store.replaySteps.advance(id, pendingAtMost: 1)
            // Lock, count, queue, make pending with the commit; the third only if there is room.
            for (limit, queued, roundTrips) in [(2, 1, 4), (40, 38, 4), (40, 0, 3)] {
                let before = database.roundTrips
                let step = try await store.replaySteps.advance(id, pendingAtMost: limit)
                #expect(step?.queued == queued)
                #expect(database.roundTrips - before == roundTrips)
            }
        }
    }

    @Test func `a step that somebody else is at is left to them, and an event that is held waits for the next`()
        async throws
    {
        try await Self.with(failed: 2) { store, database in
            let id = try await store.replays.start(EventFilter(status: .failed), operator: "alice").id
            try await TestDatabase.hold(database.source) { connection in
                try connection.execute("SELECT FROM tollgate.replay WHERE id = \(id) FOR UPDATE")
            } while: {
                let step = try await store.replaySteps.advance(id, pendingAtMost: 10)
                #expect(step == nil)
            }
            try await TestDatabase.hold(database.source) { connection in
                try connection.execute("SELECT FROM tollgate.event_work WHERE event_id = 'evt_1' FOR UPDATE")
            } while: {
                let step = try await store.replaySteps.advance(id, pendingAtMost: 10)
                #expect(step?.queued == 1)
            }
            #expect(try await store.replaySteps.advance(id, pendingAtMost: 10)?.queued == 1)
        }
    }

    /// Each of the two begins before the other has committed, so neither sees what the other does.
    @Test func `an event that is dismissed while its replay is being made is left out once its turn comes`()
        async throws
    {
        try await Self.with(failed: 2) { store, database in
            let dismissal = Mutex<Task<DismissalResult, any Error>?>(nil)
            let made = Mutex<ReplayRecord?>(nil)
            try await TestDatabase.hold(database.source) { connection in
                // Stops a dismissal at its last step.
                try connection.executeScript("LOCK TABLE tollgate.event_attempt IN SHARE MODE")
            } while: {
                dismissal.withLock { $0 = Task { try await store.queue.dismiss("evt_1", reason: "x", by: "bob") } }
                try await eventually("a dismissal that waits") {
                    let waiting = try await TestDatabase.transaction(on: database.source) { connection in
                        try connection.execute(
                            """
                            SELECT FROM pg_locks
                            WHERE NOT granted AND relation = 'tollgate.event_attempt'::regclass
                            """
                        ).count
                    }
                    return waiting > 0 ? true : nil
                }
                let replay = try await store.replays.start(EventFilter(status: .failed), operator: "alice")
                #expect(replay.matched == 2 && replay.skipped == 1)
                made.withLock { $0 = replay }
            }
            guard case .dismissed = try await dismissal.withLock({ $0 })?.value else {
                Issue.record("it had failed")
                return
            }
            let id = try #require(made.withLock { $0 }).id
            let step = try #require(try await store.replaySteps.advance(id, pendingAtMost: 10))
            #expect(step.queued == 1 && !step.isFinished)
            #expect(try await store.events.find("evt_1")?.record.status == .ignored)
            try await Self.work(store, .processed())
            #expect(try await store.replaySteps.advance(id, pendingAtMost: 10)?.isFinished == true)
            let record = try #require(try await store.replays.find(id))
            #expect(record.status == .done && record.matched == 1 && record.skipped == 2 && record.queued == 1)
        }
    }

    /// Who cancels a replay holds it before its events; a dismissal that took them in the other order would deadlock.
    @Test func `a dismissal waits for no replay that was made after it had locked those before`() async throws {
        try await Self.with(failed: 2) { store, database in
            let first = try await store.replays.start(EventFilter(status: .failed), operator: "alice").id
            let dismissal = Mutex<Task<DismissalResult, any Error>?>(nil)
            let holding = Mutex<Task<Void, any Error>?>(nil)
            let (held, hold) = AsyncStream<Void>.makeStream()
            try await TestDatabase.hold(database.source) { connection in
                try connection.execute("SELECT FROM tollgate.replay WHERE id = \(first) FOR UPDATE")
            } while: {
                let task = Task { try await store.queue.dismiss("evt_1", reason: "x", by: "bob") }
                dismissal.withLock { $0 = task }
                try await eventually("a dismissal that waits") {
                    let waiting = try await TestDatabase.transaction(on: database.source) { connection in
                        try connection.execute(
                            """
                            SELECT FROM pg_stat_activity
                            WHERE datname = current_database() AND wait_event_type = 'Lock'
                            """
                        ).count
                    }
                    return waiting > 0 ? true : nil
                }
                let second = try await store.replays.start(EventFilter(status: .failed), operator: "alice").id
                let holder = Task {
                    defer { hold.finish() }
                    try await TestDatabase.hold(database.source) { connection in
                        try connection.execute("SELECT FROM tollgate.replay WHERE id = \(second) FOR UPDATE")
                    } while: {
                        hold.yield()
                        _ = await task.result
                    }
                }
                holding.withLock { $0 = holder }
                for await _ in held { break }
            }
            let result = try await dismissal.withLock { $0 }?.value
            guard case .dismissed = result else {
                Issue.record("\(String(describing: result))")
                return
            }
            try await holding.withLock { $0 }?.value
            let record = try #require(try await store.replays.find(first))
            #expect(record.matched == 1 && record.skipped == 2)
        }
    }

    @Test func `what is canceled queues nothing more, and is over once what it queued has ended`() async throws {
        try await Self.with(failed: 3) { store, _ in
            let id = try await store.replays.start(EventFilter(status: .failed), operator: "alice").id
            _ = try await store.replaySteps.advance(id, pendingAtMost: 2)
            guard case .canceled(let canceled) = try await store.replays.cancel(id) else {
                Issue.record("it was running")
                return
            }
            #expect(canceled.status == .canceled && canceled.pending == 2 && canceled.finishedAt == nil)
            guard case .over = try await store.replays.cancel(id) else {
                Issue.record("it was canceled before")
                return
            }
            try await Self.work(store, .ignored(reason: "x"))
            let last = try await store.replaySteps.advance(id, pendingAtMost: 10)
            #expect(last?.queued == 0 && last?.ended == 2 && last?.isFinished == true)
            #expect(try await store.replays.find(id)?.status == .canceled)
            guard case .unknown = try await store.replays.cancel("rpl_none") else {
                Issue.record("nobody knows it")
                return
            }
        }
    }
}
