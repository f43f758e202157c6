// SPDX-License-Identifier: Apache-2.0

import Store
import TestSupport
import Testing

/// `EventQueueTests` for what operators request.
@Suite struct EventQueueReplayTests {
    @Test(arguments: EventQueueTests.ends)
    func `an event that has ended runs again on request, and every attempt is kept`(
        _ transition: EventTransition,
        _ state: EventState,
        _ detail: String?,
        _ error: String?
    ) async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let worker = try await process.queue.register()
            try await process.receive(["evt_1"])
            try await process.work(worker, transition)
            #expect(try await process.queue.requeue("evt_1", by: "alice") == .queued)
            #expect(try await process.queue.requeue("evt_1", by: "bob") == .pending)
            let pending = try await process.statement(of: "evt_1").record
            #expect(pending.status == .pending)
            #expect(pending.detail == nil && pending.error == nil)
            #expect(try await process.work(worker, .ignored(reason: "now")) == ["evt_1"])
            let attempts = try await process.statement(of: "evt_1").attempts
            #expect(attempts.map(\.number) == [1, 2])
            #expect(attempts.map(\.outcome) == [state.rawValue, "ignored"])
            #expect(attempts.map(\.operator) == [nil, "alice"])
        }
    }

    @Test func `nobody runs again what nobody knows`() async throws {
        try await QueueUnderTest.with { processes, _ in
            let requeued = try await processes[0].queue.requeue("evt_none", by: "alice")
            #expect(requeued == .unknown)
            let dismissed = try await processes[0].queue.dismiss("evt_none", reason: "x", by: "alice")
            #expect(dismissed == .unknown)
        }
    }

    @Test func `what is no event is picked once it is asked for`() async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let worker = try await process.queue.register()
            let id = try await process.receiveNoise()
            #expect(try await process.queue.requeue(id, by: "alice") == .queued)
            #expect(try await process.work(worker, .quarantined(error: "still none")) == [id])
            #expect(try await process.state(of: id) == .quarantined)
        }
    }

    @Test func `a request that is pending survives the death of a process`() async throws {
        try await QueueUnderTest.with { processes, database in
            let process = processes[0]
            let worker = try await process.queue.register()
            try await process.receive(["evt_1"])
            try await process.work(worker)
            #expect(try await process.queue.requeue("evt_1", by: "alice") == .queued)
            let dying = QueueUnderTest.another(on: database)
            #expect(try await dying.takeInHand(try await dying.queue.register()) == ["evt_1"])
            try await dying.die()
            for one in try await process.dead() { _ = try await process.queue.rescueEvents(of: one) }
            #expect(try await process.work(worker, atMost: 1, suspects: 1) == ["evt_1"])
            #expect(try await process.statement(of: "evt_1").attempts.map(\.operator) == [nil, "alice"])
        }
    }

    @Test(arguments: EventQueueTests.ends)
    func `only what failed is dismissed, its error stays, and its attempts say who and why`(
        _ transition: EventTransition,
        _ state: EventState,
        _ detail: String?,
        _ error: String?
    ) async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let worker = try await process.queue.register()
            try await process.receive(["evt_1"])
            #expect(try await process.queue.dismiss("evt_1", reason: "x", by: "alice") == .notDismissible(.pending))
            try await process.work(worker, transition)
            let results = [
                try await process.queue.dismiss("evt_1", reason: "too old", by: "alice"),
                try await process.queue.dismiss("evt_1", reason: "again", by: "bob"),
            ]
            guard let error else {
                #expect(results == [.notDismissible(state), .notDismissible(state)])
                return
            }
            guard case .dismissed(let dismissal) = results[0] else {
                Issue.record("\(results[0])")
                return
            }
            #expect(dismissal.reason == "too old")
            #expect(dismissal.operator == "alice")
            #expect(results[1] == results[0])
            let statement = try await process.statement(of: "evt_1")
            #expect(statement.record.status == .ignored)
            #expect(statement.record.error == error)
            #expect(statement.attempts.map(\.outcome) == [state.rawValue, "ignored"])
            #expect(statement.attempts.map(\.operator) == [nil, "alice"])
            #expect(try await process.work(worker) == [])
        }
    }
}
