// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Gateway
@testable import Store

/// Readings of the database that race with announcements.
@Suite struct AccessCacheRaceTests {
    /// `b1` begins reading 1, `f1:5` fills it with version 5, `n1` with no customer, `x1` abandons it, `d1` drops its
    /// ticket; `a` announces the customer, `o` another one; `i` interrupts the feed, `r` resumes it.
    @Test(arguments: [
        ("b1 f1:1", "fresh 1"),
        ("a b1 f1:1", "fresh 1"), ("b1 a f1:1", "old 1"), ("b1 f1:1 a", "old 1"),
        ("b1 a b2 a f2:1", "old 1"), ("b1 o f1:1", "fresh 1"),
        ("i b1 f1:1", "old 1"), ("i b1 r f1:1", "old 1"), ("i r b1 f1:1", "fresh 1"), ("b1 i f1:1", "old 1"),
        ("b1 i r f1:1", "old 1"), ("b1 f1:1 i", "old 1"), ("b1 f1:1 i r", "old 1"),
        ("b1 b2 f1:1 f2:1", "fresh 1"), ("b1 b2 f1:2 f2:1", "fresh 2"), ("b1 b2 f1:1 f2:2", "fresh 2"),
        ("b1 b2 a f1:2 f2:1", "old 2"),
        ("b1 a b2 f1:1 f2:2", "fresh 2"), ("b1 a b2 f2:2 f1:1", "fresh 2"), ("b1 a b2 f2:2 f1:2", "fresh 2"),
        ("b1 a b2 f1:2 f2:2", "fresh 2"), ("b1 a b2 f2:2 f1:3", "old 3"), ("b1 a b2 f1:3 f2:2", "old 3"),
        ("b1 f1:2 a b2 f2:1", "old 2"),
        ("b1 f1:1 f1:2", "fresh 1"), ("b1 x1 f1:1", "unknown"), ("b1 x1 x1 b2 a f2:1", "old 1"),
        ("b1 a x1 b2 f2:1", "fresh 1"), ("b1 a d1 b2 f2:1", "fresh 1"), ("b1 d1 b2 a f2:1", "old 1"),
        ("b1 n1", "unknown"), ("b1 f1:1 b2 n2", "unknown"), ("b1 f1:1 b2 a n2", "old 1"),
        ("b1 f1:1 b2 i r n2", "old 1"),
        ("b1 a f1:1 b2 n2", "unknown"),
    ])
    func `what comes in between decides`(_ steps: String, _ expected: String) {
        let cache = AccessCache.opened()
        var tickets: [Character: AccessTicket] = [:]
        for step in steps.split(separator: " ") {
            let number = step.dropFirst().first ?? " "
            switch (step.first, tickets[number]) {
            case ("b", _): tickets[number] = cache.beginReading("cus_1")
            case ("f", let ticket?):
                let version = Int64(step.dropFirst(3)) ?? 0
                cache.fill(ticket, AccessAnswer("cus_1", version: version), now: 0)
            case ("n", let ticket?): cache.fill(ticket, nil, now: 0)
            case ("x", let ticket?): cache.abandon(ticket)
            case ("d", _): tickets[number] = nil
            case ("a", _): cache.announced("cus_1")
            case ("o", _): cache.announced("cus_2")
            case ("i", _): cache.feedDown()
            case ("r", _): cache.feedUp()
            default: Issue.record("\(step) means nothing")
            }
        }
        #expect(cache.lookup("cus_1").summary == expected)
        tickets = [:]
        #expect(cache.readingCount == 0)
    }

    /// Two readers, and a writer that changes the answer twice, in all 4,200 orders.
    @Test func `in every order, a fresh answer is no older than the last announcement`() {
        var orders = 0
        Self.interleavings(of: [3, 3, 4]) { order in
            orders += 1
            let cache = AccessCache.opened()
            var database: Int64 = 1
            var announced: Int64 = 1
            var steps = [0, 0, 0]
            var tickets: [AccessTicket?] = [nil, nil]
            var answers: [Int64] = [0, 0]
            var begunAfter: [Int64] = [0, 0]
            var expectedFresh = false
            for actor in order {
                defer { steps[actor] += 1 }
                switch (actor, steps[actor]) {
                case (2, 0), (2, 2): database += 1
                case (2, _):
                    cache.announced("cus_1")
                    announced = database
                    expectedFresh = false
                case (_, 0):
                    tickets[actor] = cache.beginReading("cus_1")
                    begunAfter[actor] = announced
                case (_, 1): answers[actor] = database
                default:
                    guard let ticket = tickets[actor] else { continue }
                    cache.fill(ticket, AccessAnswer("cus_1", version: answers[actor]), now: 0)
                    if begunAfter[actor] == announced { expectedFresh = true }
                }
                let hit = cache.lookup("cus_1")
                if hit.isFresh { #expect((hit.answer?.version ?? 0) >= announced, "\(order)") }
                // With no announcement outstanding, a reading makes the answer fresh.
                if expectedFresh, database == announced { #expect(hit.summary == "fresh \(database)", "\(order)") }
            }
            #expect(cache.readingCount == 0)
        }
        #expect(orders == 4_200)
    }

    /// - Parameter lengths: how many steps each actor takes, in its own order.
    private static func interleavings(of lengths: [Int], _ prefix: [Int] = [], _ body: ([Int]) -> Void) {
        if lengths.allSatisfy({ $0 == 0 }) { return body(prefix) }
        for actor in lengths.indices where lengths[actor] > 0 {
            var rest = lengths
            rest[actor] -= 1
            interleavings(of: rest, prefix + [actor], body)
        }
    }

    private static let customers = 8

    /// What the threads share: the cache, the database's versions, and those that were announced.
    private final class World: Sendable {
        let cache = AccessCache.opened()
        let database = Mutex([Int64](repeating: 1, count: customers))
        let announced = Mutex([Int64](repeating: 1, count: customers))
        let fresh = Atomic(0)
        let tooOld = Atomic(0)
        let writing = Atomic(2)
        let done = DispatchSemaphore(value: 0)

        /// Each writer has its own half of the customers.
        func write(_ number: Int) {
            var random = SeededRandom(UInt64(number))
            for _ in 0..<2_000 {
                let customer = Int.random(in: 0..<customers / 2, using: &random) * 2 + number
                let version = database.withLock { database in
                    database[customer] += 1
                    return database[customer]
                }
                cache.announced("cus_\(customer)")
                announced.withLock { $0[customer] = version }
                if random.one(in: 500) {
                    cache.feedDown()
                    cache.feedUp()
                }
                // Lets readers find fresh answers in between.
                if random.one(in: 8) { sched_yield() }
            }
            writing.subtract(1, ordering: .acquiringAndReleasing)
            done.signal()
        }

        func read(_ number: Int) {
            var random = SeededRandom(UInt64(number) + 100)
            while writing.load(ordering: .acquiring) > 0 {
                let customer = Int.random(in: 0..<customers, using: &random)
                let known = announced.withLock { $0[customer] }
                switch cache.lookup("cus_\(customer)") {
                case .fresh(let answer):
                    fresh.add(1, ordering: .relaxed)
                    if answer.version < known { tooOld.add(1, ordering: .relaxed) }
                case .old, .unknown: ask(customer)
                }
            }
            done.signal()
        }

        func ask(_ customer: Int) {
            let ticket = cache.beginReading("cus_\(customer)")
            let version = database.withLock { $0[customer] }
            cache.fill(ticket, AccessAnswer("cus_\(customer)", version: version), now: 0)
        }
    }

    @Test func `with threads that change, announce and read, a fresh answer is never older than its announcement`() {
        let world = World()
        for number in 0..<2 {
            Thread.detachNewThread { world.write(number) }
            Thread.detachNewThread { world.read(number) }
        }
        for _ in 0..<4 { world.done.wait() }
        #expect(world.tooOld.load(ordering: .relaxed) == 0)
        #expect(world.fresh.load(ordering: .relaxed) > 0)
        #expect(world.cache.readingCount == 0)
        for customer in 0..<Self.customers {
            world.ask(customer)
            let newest = world.database.withLock { $0[customer] }
            #expect(world.cache.lookup("cus_\(customer)").summary == "fresh \(newest)")
        }
    }
}
