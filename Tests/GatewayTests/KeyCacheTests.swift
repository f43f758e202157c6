// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import TestSupport
import Testing

@testable import Gateway
@testable import Store

/// What the cache of API keys adds to the cache of flags: what an outage may give, and when a key was used.
@Suite struct KeyCacheTests {
    private static let second: UInt64 = 1_000_000_000
    private static let key = digest("key-of-the-tests-1")
    private static let other = digest("key-of-the-tests-2")

    private static func digest(_ text: String) -> SHA256Digest {
        // OpenSSL fails only without memory.
        SHA256Digest(of: Array(text.utf8).span) ?? SHA256Digest(.zero)
    }

    private static func answer(_ version: Int64, isOff: Bool = false) -> APIKeyAnswer {
        APIKeyAnswer(
            id: "key_1", customer: "cus_1", livemode: true, expiresAt: nil, isOff: isOff, version: version)
    }

    private static func opened(limit: Int = 1_000, isReceiving: Bool = true) -> KeyCache {
        let cache = KeyCache(limit: limit, freshFor: .seconds(60), staleFor: .seconds(900))
        if isReceiving { cache.feedUp() }
        return cache
    }

    private static func summary(_ hit: KeyCache.Hit) -> String {
        switch hit {
        case .fresh(let answer): "fresh \(answer.version)"
        case .old(let answer): "old \(answer.version)"
        case .unknown: "unknown"
        }
    }

    /// `b1` begins reading 1, `f1:5` fills with version 5, `n1` with nothing, `x1` abandons, `d1` forgets; `a` announces the
    /// key, `o` another one; `i` interrupts, `r` resumes.
    @Test(arguments: [
        ("b1 f1:1", "fresh 1"), ("a b1 f1:1", "fresh 1"), ("b1 o f1:1", "fresh 1"),
        // What was announced may have been a deletion: no outage makes it good again.
        ("b1 a f1:1", "unknown"), ("b1 f1:1 a", "unknown"), ("b1 a b2 a f2:1", "unknown"),
        ("b1 a i f1:1", "unknown"), ("b1 f1:1 a i r", "unknown"),
        ("b1 a f1:1 b2 f2:2", "fresh 2"), ("b1 b2 a f1:2 f2:1", "unknown"), ("b1 a b2 f2:2 f1:1", "fresh 2"),
        ("b1 a b2 f1:1 f2:2", "fresh 2"), ("b1 a b2 f2:2 f1:2", "fresh 2"),
        // What was not announced may be given in an outage, as a flag may.
        ("i b1 f1:1", "old 1"), ("i b1 r f1:1", "old 1"), ("i r b1 f1:1", "fresh 1"), ("b1 i f1:1", "old 1"),
        ("b1 i r f1:1", "old 1"), ("b1 f1:1 i", "old 1"), ("b1 f1:1 i r", "old 1"), ("b1 f1:1 i b2 f2:1", "old 1"),
        ("b1 f1:1 a i b2 f2:2", "old 2"),
        ("b1 b2 f1:2 f2:1", "fresh 2"), ("b1 f1:1 f1:2", "fresh 1"), ("b1 x1 f1:1", "unknown"),
        ("b1 a d1 b2 f2:1", "fresh 1"),
        // An unknown key takes no room, so that one that is made is known at once.
        ("b1 n1", "unknown"), ("b1 f1:1 b2 n2", "unknown"), ("b1 a n1 b2 f2:1", "fresh 1"),
    ])
    func `what comes in between decides`(_ steps: String, _ expected: String) {
        let cache = Self.opened()
        var tickets: [Character: CacheTicket<KeyEntry>] = [:]
        for step in steps.split(separator: " ") {
            let number = step.dropFirst().first ?? " "
            switch (step.first, tickets[number]) {
            case ("b", _): tickets[number] = cache.beginReading(Self.key, now: 0)
            case ("f", let ticket?): cache.fill(ticket, Self.answer(Int64(step.dropFirst(3)) ?? 0), now: 0)
            case ("n", let ticket?): cache.fill(ticket, nil, now: 0)
            case ("x", let ticket?): cache.abandon(ticket)
            case ("d", _): tickets[number] = nil
            case ("a", _): cache.announced([Self.key.hex])
            case ("o", _): cache.announced([Self.other.hex])
            case ("i", _): cache.feedDown()
            case ("r", _): cache.feedUp()
            default: Issue.record("\(step) means nothing")
            }
        }
        #expect(Self.summary(cache.lookup(Self.key, now: 0)) == expected)
    }

    /// Two readers, and a writer who makes the key, then deletes it, in all 4,200 orders.
    @Test func `in every order, a key whose deletion was announced is never given`() {
        var orders = 0
        Self.interleavings(of: [3, 3, 4]) { order in
            orders += 1
            let cache = Self.opened()
            var database: APIKeyAnswer?
            var isDeletionAnnounced = false
            var steps = [0, 0, 0]
            var tickets: [CacheTicket<KeyEntry>?] = [nil, nil]
            var answers: [APIKeyAnswer?] = [nil, nil]
            for actor in order {
                defer { steps[actor] += 1 }
                switch (actor, steps[actor]) {
                case (2, 0): database = Self.answer(1)
                case (2, 2): database = Self.answer(2, isOff: true)
                case (2, let step):
                    cache.announced([Self.key.hex])
                    isDeletionAnnounced = step == 3
                case (_, 0): tickets[actor] = cache.beginReading(Self.key, now: 0)
                case (_, 1): answers[actor] = database
                default:
                    guard let ticket = tickets[actor] else { continue }
                    cache.fill(ticket, answers[actor], now: 0)
                }
                guard isDeletionAnnounced else { continue }
                // Not even as what an outage may give.
                switch cache.lookup(Self.key, now: 0) {
                case .fresh(let answer), .old(let answer): #expect(answer.isOff, "\(order)")
                case .unknown: break
                }
            }
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

    @Test(arguments: [
        (UInt64(0), "fresh 1"), (60, "fresh 1"), (61, "old 1"), (900, "old 1"), (901, "unknown"),
    ])
    func `a key is fresh for a minute, and may be given in an outage for a quarter of an hour`(
        _ age: UInt64, _ expected: String
    ) {
        let cache = Self.opened()
        cache.fill(cache.beginReading(Self.key, now: 0), Self.answer(1), now: 0)
        #expect(Self.summary(cache.lookup(Self.key, now: age * Self.second)) == expected)
    }

    @Test(arguments: [0, 1, 100, 3_000])
    func `it never holds more keys than the limit`(_ limit: Int) {
        let cache = Self.opened(limit: limit)
        for number in 0..<limit * 2 + 2 {
            let key = Self.digest("key number \(number)")
            cache.fill(cache.beginReading(key, now: 0), Self.answer(1), now: 0)
            #expect(cache.count <= limit)
        }
        #expect(cache.count >= limit * 95 / 100)
    }

    @Test func `a use is noted once in each minute, also when the key is read again`() {
        let cache = Self.opened()
        func read(_ version: Int64) {
            cache.fill(cache.beginReading(Self.key, now: 0), Self.answer(version), now: 0)
        }
        func use(_ seconds: Int64) -> Bool? {
            cache.use(Self.key, at: Timestamp(seconds: 1_800_000_000 + seconds), now: 0)?.isFirst
        }
        read(1)
        #expect([0, 1, 59, 60, 61, 119, 120].map(use) == [true, false, false, true, false, false, true])
        read(1)
        #expect(use(121) == false)
        cache.announced([Self.key.hex])
        read(2)
        #expect(use(122) == false)
        #expect(use(180) == true)
        // One that is not in memory is not counted there.
        #expect(cache.use(Self.other, at: .noon, now: 0) == nil)
    }

    @Test func `what somebody else announces is passed over`() {
        let cache = Self.opened()
        cache.fill(cache.beginReading(Self.key, now: 0), Self.answer(1), now: 0)
        cache.announced(["", "x", "cus_1", String(Self.key.hex.dropLast()), Self.key.hex + "00", "é\0"])
        #expect(Self.summary(cache.lookup(Self.key, now: 0)) == "fresh 1")
        cache.announced(["x", Self.key.hex])
        #expect(Self.summary(cache.lookup(Self.key, now: 0)) == "unknown")
    }

    @Test func `an entry is as large as the pages say that a million of them are`() {
        // Beside its id and its customer, 64 bytes each, and the index: 300 bytes together.
        #expect(MemoryLayout<KeyEntry>.stride <= 160)
        #expect(MemoryLayout<AccessEntry>.stride == 80)
    }
}
