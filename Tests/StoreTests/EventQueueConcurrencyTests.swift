// SPDX-License-Identifier: Apache-2.0

import Billing
import Store
import Synchronization
import TestSupport
import Testing

/// `EventQueueTests` with many workers at once, and with processes that die.
@Suite struct EventQueueConcurrencyTests {
    @Test func `two processes with two workers each end every event once`() async throws {
        try await QueueUnderTest.with(processes: 2) { processes, _ in
            let ids = Set((0..<200).map { "evt_\($0)" })
            let tally = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await processes[0].receive(Array(ids)) }
                for process in processes + processes {
                    group.addTask {
                        let worker = try await process.queue.register()
                        try await eventually("the end of all") { () -> Bool? in
                            let mine = try await process.work(worker, atMost: 7)
                            return tally.ended.withLock { ended in
                                ended += mine
                                return ended.count >= ids.count ? true : nil
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let ended = tally.ended.withLock(\.self)
            #expect(ended.count == ids.count)
            #expect(Set(ended) == ids)
            for id in ids { #expect(try await processes[0].attempts(of: id) == ["processed"]) }
        }
    }

    @Test func `with workers that keep to their partitions, no customer's events are in two hands`() async throws {
        try await QueueUnderTest.with { processes, _ in
            let process = processes[0]
            let customers = (0..<12).map { "cus_\($0)" }
            for (index, customer) in customers.enumerated() {
                try await process.receive((0..<10).map { "evt_\(index)_\($0)" }, of: customer)
            }
            let tally = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for partition in Partition.all(of: 3) {
                    group.addTask {
                        let worker = try await process.queue.register()
                        while true {
                            let taken = try await process.queue.claim(atMost: 5, in: partition, for: worker) { batch in
                                let mine = Set(batch.events.compactMap { Int($0.id.split(separator: "_")[1]) })
                                let isAlone = tally.inHand.withLock { inHand in
                                    defer { inHand.formUnion(mine) }
                                    return inHand.isDisjoint(with: mine)
                                }
                                #expect(isAlone)
                                let results = batch.events.map { EventResult(event: $0.id, type: "", .processed()) }
                                batch.complete(Books(), results)
                                tally.inHand.withLock { $0.subtract(mine) }
                                return results.map(\.event)
                            }
                            guard let taken else { return }
                            tally.ended.withLock { $0 += taken }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(tally.ended.withLock(\.count) == customers.count * 10)
        }
    }

    @Test func `a process that dies loses nothing: the next one has its events, one at a time`() async throws {
        try await QueueUnderTest.with { processes, database in
            let process = processes[0]
            let dying = QueueUnderTest.another(on: database)
            try await process.receive(["evt_1", "evt_2"])
            #expect(try await dying.takeInHand(try await dying.queue.register()) == ["evt_1", "evt_2"])
            #expect(try await process.queue.deadProcesses() == [])
            try await dying.die()
            let dead = try await process.dead()
            #expect(dead.count == 1)
            for one in dead { #expect(try await process.queue.rescueEvents(of: one) == []) }
            #expect(try await process.queue.deadProcesses() == [])

            let worker = try await process.queue.register()
            #expect(try await process.work(worker) == [], "they are suspects")
            var ended: Set<String> = []
            for _ in 0..<2 {
                let one = try await process.work(worker, atMost: 1, suspects: 1)
                #expect(one.count == 1)
                ended.formUnion(one)
            }
            #expect(ended == ["evt_1", "evt_2"])
            for id in ended { #expect(try await process.attempts(of: id) == ["processed"]) }
        }
    }

    @Test func `an event that processes die of ends as failed, and those that were beside it do not`() async throws {
        try await QueueUnderTest.with { processes, database in
            let process = processes[0]
            try await process.receive(["evt_deadly", "evt_2"])
            var lives = 0
            var failed: [EventResult] = []
            while failed.isEmpty, lives < 10 {
                lives += 1
                let dying = QueueUnderTest.another(on: database)
                let worker = try await dying.queue.register()
                // It is left alone for a while after each process that died of it alone.
                try await eventually("the deadly one in hand") { () -> Bool? in
                    try await dying.takeInHand("evt_deadly", worker, asSuspect: lives > 1) ? true : nil
                }
                try await dying.die()
                for one in try await process.dead() {
                    failed += try await process.queue.rescueEvents(of: one)
                }
            }
            #expect(failed.map(\.event) == ["evt_deadly"])
            #expect(failed.map(\.type) == ["checkout.session.completed"])
            #expect(failed.first?.transition.target == .failed)
            #expect((2...9).contains(lives))
            #expect(try await process.attempts(of: "evt_deadly") == ["failed"])
            let worker = try await process.queue.register()
            try await process.work(worker, suspects: .max)
            #expect(try await process.state(of: "evt_2") == .processed)
        }
    }
}

/// What several workers have done.
private final class Tally: Sendable {
    /// The ids of the events that ended.
    let ended = Mutex<[String]>([])
    /// The customers whose events a worker holds.
    let inHand = Mutex<Set<Int>>([])
}
