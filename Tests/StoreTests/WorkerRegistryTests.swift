// SPDX-License-Identifier: Apache-2.0

import Logging
import Notation
import Postgres
import Store
import TestSupport
import Testing

@Suite struct WorkerRegistryTests {
    /// Dead processes, by what each of their workers held, and whether evt_1 has failed after each.
    @Test(arguments: [
        [("evt_1", false), ("evt_1", false), ("evt_1", false), ("evt_1", true)],
        [("evt_1,evt_2", false), ("evt_1", false), ("evt_1", false), ("evt_1", true)],
        [("evt_1 evt_2", false), ("evt_1", false), ("evt_2", false), ("evt_1", false), ("evt_1", true)],
        [("evt_1 evt_2", false), ("evt_1 evt_2", false), ("evt_1 evt_2", false), ("evt_1 evt_2", false)],
        [("evt_1", false), ("evt_1 evt_2", false), ("evt_1", false), ("evt_1", false), ("evt_1", true)],
    ])
    func `the first death makes a suspect, three more of it alone end it, and those in company do not count`(
        _ crashes: [(events: String, fails: Bool)]
    ) async throws {
        try await Self.withStore { store, session in
            for (life, (events, fails)) in crashes.enumerated() {
                #expect(
                    try await Self.die(life + 1, of: events, session, store.queue).map(\.event)
                        == (fails ? ["evt_1"] : []),
                    "\(life)")
                let suspects = try await Self.suspects(session)
                #expect(suspects.contains("evt_1") == !fails)
            }
        }
    }

    /// If processes die soon after their start for another reason, the event is not to blame.
    @Test func `a suspect is tried at once, and left alone for a while after each process that died of it`()
        async throws
    {
        try await Self.withStore { store, session in
            for (life, wait) in [0, 5, 10].enumerated() {
                let (_, before) = try await Self.due(session)
                #expect(try await Self.die(life + 1, of: "evt_1", session, store.queue) == [])
                let (due, after) = try await Self.due(session)
                #expect(due <= after + .seconds(wait))
                if wait > 0 { #expect(due >= before + .seconds(wait)) }
            }
        }
    }

    @Test func `a process that may be about to end takes no event in hand that two died of`() async throws {
        try await Self.withStore { store, session in
            #expect(try await Self.die(1, of: "evt_1,evt_2", session, store.queue) == [])
            #expect(try await Self.die(2, of: "evt_1", session, store.queue) == [])
            try await session.transaction { connection in
                _ = try connection.executeScript("UPDATE tollgate.event_work SET run_at = now() - interval '1 minute'")
            }
            let worker = try await store.queue.register()
            for (crashes, expected) in [(1, ["evt_2"]), (.max, ["evt_2", "evt_1"])] {
                let taken = try await store.queue.claim(atMost: 2, suspects: crashes, for: worker) {
                    $0.events.map(\.id)
                }
                #expect(Set(taken ?? []) == Set(expected))
            }
        }
    }

    @Test func `an event is due whatever its time is, where the database's clock has been set back`() async throws {
        try await Self.withStore { store, session in
            try await session.transaction { connection in
                _ = try connection.executeScript("UPDATE tollgate.event_work SET run_at = now() + interval '1 hour'")
            }
            let worker = try await store.queue.register()
            let taken = try await store.queue.claim(atMost: 2, for: worker) { $0.events.map(\.id) }
            #expect(taken == ["evt_1", "evt_2"])
        }
    }

    /// A worker that lost its connection may have been taken for dead: what it then took would not be recorded.
    @Test(arguments: [false, true])
    func `a worker that was deregistered takes nothing in hand before it has registered again`(suspects: Bool)
        async throws
    {
        try await Self.withStore { store, session in
            if suspects { #expect(try await Self.die(1, of: "evt_1,evt_2", session, store.queue) == []) }
            let gone = try await store.queue.register()
            try await store.queue.deregister(gone)
            await #expect(throws: WorkerRegistry.Deregistered.self) {
                try await store.queue.claim(atMost: 2, suspects: suspects ? 1 : nil, for: gone) { _ in
                    Issue.record("nobody knows that these are in its hands")
                }
            }
            let again = try await store.queue.register()
            let taken = try await store.queue.claim(atMost: 2, suspects: suspects ? 1 : nil, for: again) {
                $0.events.map(\.id)
            }
            #expect(taken == ["evt_1", "evt_2"])
        }
    }

    @Test func `what somebody still holds is rescued once it is free, and keeps nobody waiting until then`()
        async throws
    {
        try await TestDatabase.with { test in
            try await Self.withStore(on: test) { store, session in
                try await TestDatabase.hold(test.source) { connection in
                    try connection.execute("SELECT FROM tollgate.event_work WHERE event_id = 'evt_1' FOR UPDATE")
                } while: {
                    let failed = try await Self.die(1, of: "evt_1,evt_2", session, store.queue)
                    #expect(failed == [])
                    let suspects = try await Self.suspects(session)
                    #expect(suspects == ["evt_2"])
                    let dead = try await store.queue.deadProcesses()
                    #expect(dead == [1])
                }
                #expect(try await store.queue.rescueEvents(of: 1) == [])
                #expect(try await Self.suspects(session) == ["evt_1", "evt_2"])
                #expect(try await store.queue.deadProcesses() == [])
            }
        }
    }

    private static func suspects(_ session: Database) async throws -> [String] {
        try await session.transaction { connection in
            try connection.execute(
                "SELECT event_id FROM tollgate.event_work WHERE crashes > 0 ORDER BY crashes DESC, event_id"
            ).map { try $0["event_id"] }
        }
    }

    /// When evt_1 is due, and the database's time.
    private static func due(_ session: Database) async throws -> (due: Timestamp, now: Timestamp) {
        try await session.transaction { connection in
            let row = try connection.execute(
                "SELECT run_at, clock_timestamp() FROM tollgate.event_work WHERE event_id = 'evt_1'"
            ).first
            return try #require(try row?.decode(Timestamp.self, Timestamp.self))
        }
    }

    /// - Parameter events: a worker's events separated by spaces, workers by commas.
    /// - Returns: the events that failed.
    private static func die(
        _ process: Int,
        of events: String,
        _ session: Database,
        _ queue: EventQueue
    ) async throws -> [EventResult] {
        try await session.transaction { connection in
            for events in events.split(separator: ",") {
                let events = events.split(separator: " ").map(String.init)
                try connection.execute(
                    "INSERT INTO tollgate.worker (process, events) VALUES (\(process)::bigint::integer, \(events))")
            }
        }
        return try await queue.rescueEvents(of: process)
    }

    private static func withStore(_ body: (Store, Database) async throws -> Void) async throws {
        try await TestDatabase.with { try await withStore(on: $0, body) }
    }

    private static func withStore(
        on test: TestDatabase, _ body: (Store, Database) async throws -> Void
    ) async throws {
        let store = Store(test.source, logger: Logger(label: "test"))
        let session = Database(test.source, connections: 1)
        try await session.transaction { connection in
            _ = try connection.executeScript(
                """
                INSERT INTO tollgate.event (id) VALUES ('evt_1'), ('evt_2');
                INSERT INTO tollgate.event_work (event_id, status) VALUES ('evt_1', 'pending'), ('evt_2', 'pending')
                """
            )
        }
        try await body(store, session)
        try await session.shutdown()
        try await store.close()
    }
}
