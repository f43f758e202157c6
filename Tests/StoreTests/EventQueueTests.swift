// SPDX-License-Identifier: Apache-2.0

import Billing
import Dispatch
import Postgres
import Store
import Synchronization
import TestSupport
import Testing

/// What an event queue promises, however it picks the next events: the tests use only its interface and assume no
/// order.
@Suite struct EventQueueTests {
    @Test func `what was received is picked, as it was received, and nothing else is`() async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let worker = try await process.queue.register()
            #expect(try await process.work(worker) == [])
            try await process.receive(["evt_1", "evt_2"])
            _ = try await process.receiveNoise()
            let picked = try await process.queue.claim(atMost: 100, for: worker) { $0.events }
            #expect(Set(picked?.map(\.id) ?? []) == ["evt_1", "evt_2"])
            for event in picked ?? [] {
                #expect(event.payload == Events.checkout(id: event.id, customer: .string("cus_\(event.id)")).bytes)
                #expect(event.type == "checkout.session.completed")
            }
        }
    }

    @Test func `no claim holds more than it may, and says whether more may be due`() async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let worker = try await process.queue.register()
            let ids = Set((0..<25).map { "evt_\($0)" })
            try await process.receive(Array(ids))
            var ended: Set<String> = []
            while let (claimed, leavesMore) = try await process.queue.claim(
                atMost: 10, for: worker,
                { batch in
                    batch.complete(
                        Books(), batch.events.map { EventResult(event: $0.id, type: "", .processed()) })
                    return (batch.events.map(\.id), batch.leavesMore)
                })
            {
                #expect((1...10).contains(claimed.count))
                #expect(ended.isDisjoint(with: claimed))
                ended.formUnion(claimed)
                #expect(leavesMore || ended.count == ids.count)
            }
            #expect(ended == ids)
        }
    }

    static let ends: [(EventTransition, EventState, detail: String?, error: String?)] = [
        (.processed(), .processed, nil, nil), (.processed(remark: "no_credits"), .processed, "no_credits", nil),
        (.ignored(reason: "unhandled_type"), .ignored, "unhandled_type", nil),
        (.failed(error: "a field"), .failed, nil, "a field"),
        (.quarantined(error: "no event"), .quarantined, nil, "no event"),
    ]

    @Test(arguments: ends)
    func `an event ends once, as it was said, with one attempt, and is not picked again`(
        _ transition: EventTransition,
        _ state: EventState,
        _ detail: String?,
        _ error: String?
    ) async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let worker = try await process.queue.register()
            try await process.receive(["evt_1"])
            #expect(try await process.work(worker, transition) == ["evt_1"])
            #expect(try await process.work(worker) == [])
            let statement = try await process.statement(of: "evt_1")
            #expect(statement.record.status == state)
            #expect(statement.record.detail == detail)
            #expect(statement.record.error == error)
            #expect(statement.record.attempts == 1)
            #expect(statement.attempts.map(\.number) == [1])
            #expect(statement.attempts.map(\.outcome) == [state.rawValue])
            #expect(statement.attempts.map(\.message) == [detail ?? error])
            #expect(statement.attempts.allSatisfy { $0.startedAt <= $0.finishedAt && $0.operator == nil })
        }
    }

    @Test func `what is given up after it was completed has not happened, and is tried again`() async throws {
        struct GivenUp: Error {}
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let worker = try await process.queue.register()
            try await process.receive(["evt_1"])
            let failure = await #expect(throws: BatchFailure.self) {
                try await process.queue.claim(atMost: 1, for: worker) { batch in
                    batch.complete(Books(), [EventResult(event: "evt_1", type: "", .processed())])
                    throw GivenUp()
                }
            }
            #expect(failure?.events.map(\.id) == ["evt_1"])
            #expect(try await process.state(of: "evt_1") == .pending)
            #expect(try await process.attempts(of: "evt_1") == [])
            #expect(try await process.work(worker) == ["evt_1"])
            #expect(try await process.attempts(of: "evt_1") == ["processed"])
        }
    }

    @Test func `an event without a result stays pending beside those that have one`() async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let worker = try await process.queue.register()
            try await process.receive(["evt_1", "evt_2"])
            _ = try await process.queue.claim(atMost: 2, for: worker) { batch in
                batch.complete(Books(), [EventResult(event: "evt_1", type: "", .processed())])
            }
            #expect(try await process.state(of: "evt_2") == .pending)
            #expect(try await process.work(worker) == ["evt_2"])
        }
    }

    @Test func `what one worker has in hand no other takes, until it gives it back`() async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let (one, other) = (try await process.queue.register(), try await process.queue.register())
            try await process.receive(["evt_1", "evt_2"])
            #expect(try await process.takeInHand(one) == ["evt_1", "evt_2"])
            #expect(try await process.work(other) == [])
            try await process.queue.release(one)
            #expect(try await process.work(other) == ["evt_1", "evt_2"])
        }
    }

    @Test func `what the database refuses fails once`() async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            try await process.receive(["evt_1"])
            for _ in 0..<2 { try await process.queue.fail("evt_1", error: "no such character") }
            let statement = try await process.statement(of: "evt_1")
            #expect(statement.record.status == .failed)
            #expect(statement.record.error == "no such character")
            #expect(statement.attempts.map(\.message) == ["no such character"])
            let worker = try await process.queue.register()
            #expect(try await process.work(worker) == [])
        }
    }

    /// An operator's ALTER TABLE, beside a running process.
    @Test func `after a column's type has changed events are picked as before`() async throws {
        try await QueueUnderTest.with { processes, database in
            let process = processes[0]
            let worker = try await process.queue.register()
            try await process.receive(["evt_1"])
            #expect(try await process.work(worker) == ["evt_1"])
            try await TestDatabase.transaction(on: database.source) { connection in
                _ = try connection.executeScript("ALTER TABLE tollgate.event ALTER COLUMN type TYPE varchar(255)")
            }
            try await process.receive(["evt_2"])
            let error = await #expect(throws: PostgresError.self) { try await process.work(worker) }
            #expect(error?.sqlState == "0A000")
            #expect(try await process.work(worker) == ["evt_2"])
            #expect(try await process.statement(of: "evt_2").record.type == "checkout.session.completed")
        }
    }

    @Test func `customers who are set aside are left alone by this process, and by no other`() async throws {
        struct Held: Error {}
        try await QueueUnderTest.with(processes: 2) { processes, _ in
            let (process, other) = (processes[0], processes[1])
            let worker = try await process.queue.register()
            try await process.receive(["evt_1"])
            let failure = await #expect(throws: BatchFailure.self) {
                try await process.queue.claim(atMost: 1, for: worker) { _ -> Void in throw Held() }
            }
            let events = failure?.events ?? []
            process.queue.setAside(events, for: .seconds(3600))
            #expect(events.allSatisfy(process.queue.isAside))
            #expect(try await process.work(worker) == [])
            try await process.queue.release(worker)
            #expect(try await other.work(try await other.queue.register()) == ["evt_1"])
        }
    }

    @Test func `how many are pending is told, and how long the oldest has been`() async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let worker = try await process.queue.register()
            try await process.receive(["evt_1", "evt_2"])
            _ = try await process.receiveNoise()
            let depth = try await process.queue.depth()
            #expect(depth.pending == 2)
            #expect(depth.oldestAge > .zero)
            try await process.work(worker)
            let empty = try await process.queue.depth()
            #expect(empty.pending == 0)
            #expect(empty.oldestAge == .zero)
        }
    }

    @Test func `a claim's lost connection loses nothing, and counts for nothing`() async throws {
        try await QueueUnderTest.with { processes, database in
            let process = processes[0]
            let worker = try await process.queue.register()
            try await process.receive(["evt_1", "evt_2"])
            let (entered, enter) = AsyncStream<Void>.makeStream()
            let isCut = DispatchSemaphore(value: 0)
            let claim = Task {
                try await process.queue.claim(atMost: 2, for: worker) { batch in
                    enter.yield()
                    isCut.wait()
                    batch.complete(
                        Books(), batch.events.map { EventResult(event: $0.id, type: "", .processed()) })
                }
            }
            for await _ in entered { break }
            try await database.cutOff()
            try await database.letIn()
            isCut.signal()
            await #expect(throws: (any Error).self) { try await claim.value }
            for id in ["evt_1", "evt_2"] {
                let attempts = try await eventually("an answer") { try? await process.attempts(of: id) }
                #expect(attempts == [])
            }
            let again = try await eventually("the next claim") { () -> Set<String>? in
                let ended = try? await process.work(worker)
                return ended?.isEmpty == false ? ended : nil
            }
            #expect(again == ["evt_1", "evt_2"])
        }
    }
}
