// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

@testable import Gateway
@testable import Store

@Suite struct AccessCacheTests {
    private static let noon = Timestamp.noon
    private static let second = AccessCache.second

    @Test func `what was read is given as it was read`() {
        let cache = AccessCache.opened()
        #expect(cache.lookup("cus_1") == .unknown)
        let answer = AccessAnswer(
            "cus_1", version: 7, Decision(.gracePeriod, until: Self.noon + .seconds(5)), credits: -3)
        cache.read(answer)
        #expect(cache.lookup("cus_1") == .fresh(AccessCache.Answer(answer)))
        #expect(cache.lookup("cus_2") == .unknown)
        #expect(cache.count == 1)
    }

    @Test(arguments: [
        (UInt64(0), "fresh 1"), (60, "fresh 1"), (61, "old 1"), (900, "old 1"), (901, "unknown"),
        (1_000_000, "unknown"),
    ])
    func `an answer is fresh for a minute and stale for a quarter of an hour`(_ age: UInt64, _ expected: String) {
        let cache = AccessCache.opened()
        cache.read("cus_1", now: 5 * Self.second)
        #expect(cache.lookup("cus_1", now: (5 + age) * Self.second).summary == expected)
    }

    @Test func `its age counts from before the database was asked, and a clock read out of order is no age`() {
        let cache = AccessCache.opened()
        let ticket = cache.beginReading("cus_1", now: 10 * Self.second)
        cache.fill(ticket, AccessAnswer("cus_1", version: 1), now: 50 * Self.second)
        #expect(cache.lookup("cus_1", now: 70 * Self.second).isFresh)
        #expect(!cache.lookup("cus_1", now: 71 * Self.second).isFresh)
        #expect(cache.lookup("cus_1", now: 9 * Self.second).isFresh)
    }

    @Test func `nothing is fresh before announcements are received`() {
        let cache = AccessCache.opened(isReceiving: false)
        cache.read("cus_1", version: 1)
        #expect(cache.lookup("cus_1").summary == "old 1")
        cache.feedUp()
        #expect(cache.lookup("cus_1").summary == "old 1")
        cache.read("cus_1", version: 1)
        #expect(cache.lookup("cus_1").summary == "fresh 1")
    }

    @Test func `an interruption makes everything old, and each time anew`() {
        let cache = AccessCache.opened()
        for _ in 1...3 {
            for id in ["cus_1", "cus_2"] { cache.read(id) }
            #expect(cache.lookup("cus_2").isFresh)
            // A repeated call changes nothing.
            for _ in 1...2 { cache.feedDown() }
            for id in ["cus_1", "cus_2"] { #expect(cache.lookup(id).summary == "old 1") }
            cache.read("cus_1")
            #expect(cache.lookup("cus_1").summary == "old 1")
            for _ in 1...2 { cache.feedUp() }
            for id in ["cus_1", "cus_2"] { #expect(cache.lookup(id).summary == "old 1") }
        }
    }

    @Test func `an announcement makes old those whom it names`() {
        let cache = AccessCache.opened()
        for id in ["cus_1", "cus_2", "cus_3"] { cache.read(id) }
        cache.announced("cus_1", "cus_3", "cus_4")
        #expect(
            ["cus_1", "cus_2", "cus_3", "cus_4"].map { cache.lookup($0).summary } == [
                "old 1", "fresh 1", "old 1", "unknown",
            ])
        cache.read("cus_1", version: 2)
        #expect(cache.lookup("cus_1").summary == "fresh 2")
        #expect(cache.count == 3)
    }

    @Test func `while announcements are not received, reading again prolongs what may be given in an outage`() {
        let cache = AccessCache.opened()
        cache.read("cus_1", now: 0)
        cache.feedDown()
        cache.read("cus_1", now: 800 * Self.second)
        #expect(cache.lookup("cus_1", now: 1_700 * Self.second).summary == "old 1")
    }

    @Test func `time alone brings what follows, to the second`() {
        let cache = AccessCache.opened()
        let (end, last) = (Self.noon + .seconds(10), Self.noon + .seconds(20))
        let answer = AccessAnswer(
            "cus_1", version: 5, Decision(.subscriptionActive, until: end), credits: 9,
            upcoming: [
                Access.Segment(from: end, decision: Decision(.gracePeriod, until: last), version: 6),
                Access.Segment(from: last, decision: Decision(.paymentOverdue), version: 7),
            ]
        )
        cache.read(answer)
        for offset in [-1, 0, 9, 10, 11, 19, 20, 21, 1_000_000] {
            let time = Self.noon + .seconds(offset)
            #expect(
                cache.lookup("cus_1", at: time) == .fresh(AccessCache.Answer(answer.elapsed(to: time))), "\(offset)")
        }
        #expect(cache.lookup("cus_1", at: end - .milliseconds(1)).summary == "fresh 5")
    }

    @Test func `where an answer has ended and nothing is known to follow, the database is asked`() {
        let cache = AccessCache.opened()
        let end = Self.noon + .seconds(10)
        cache.read(AccessAnswer("cus_1", version: 5, Decision(.credits, until: end)))
        #expect(cache.lookup("cus_1", at: end - .milliseconds(1)).summary == "fresh 5")
        #expect(cache.lookup("cus_1", at: end).summary == "old 5")
    }

    @Test func `a customer nobody knows takes no room, and what was known of one goes`() {
        let cache = AccessCache.opened()
        cache.fill(cache.beginReading("cus_1"), nil, now: 0)
        #expect(cache.count == 0)
        for id in ["cus_1", "cus_2", "cus_3"] { cache.read(id) }
        for (id, left) in [("cus_1", 2), ("cus_3", 1), ("cus_2", 0)] {
            cache.fill(cache.beginReading(id), nil, now: 0)
            #expect(cache.lookup(id) == .unknown)
            #expect(cache.count == left)
        }
    }

    @Test func `a lower version replaces none that may still be given`() {
        let cache = AccessCache.opened()
        cache.read("cus_1", version: 9)
        cache.read("cus_1", version: 8, now: 900 * Self.second)
        #expect(cache.lookup("cus_1", now: 900 * Self.second).summary == "old 9")
        // Once the old answer has expired, a lower version counts: the database may have been restored from a backup.
        cache.read("cus_1", version: 8, now: 901 * Self.second)
        #expect(cache.lookup("cus_1", now: 901 * Self.second).summary == "fresh 8")
    }

    @Test func `at the limit the one that was not asked for goes first`() {
        let cache = AccessCache.opened(limit: 3)
        for id in ["a", "b", "c"] { cache.read(id) }
        _ = cache.lookup("a")
        // `a` uses up its second chance against `d`.
        for (new, gone) in [("d", "b"), ("e", "c"), ("f", "a")] {
            cache.read(new)
            #expect(cache.count == 3)
            // A lookup gives a second chance, so only the evicted one is looked up here.
            #expect(cache.lookup(gone) == .unknown, "\(new)")
        }
        for id in ["d", "e", "f"] { #expect(cache.lookup(id).isFresh) }
        // All have been looked up: one is evicted nevertheless.
        cache.read("g")
        #expect(cache.count == 3)
        #expect(cache.lookup("g").isFresh)
    }

    @Test(arguments: [0, 1, 2, 1_500, 3_000])
    func `it never holds more than the limit, and nearly as many`(_ limit: Int) {
        let cache = AccessCache.opened(limit: limit)
        for number in 0..<limit * 2 + 2 { cache.read("cus_\(number)") }
        #expect(cache.count <= limit)
        #expect(cache.count >= limit * 95 / 100)
        let known = (0..<limit * 2 + 2).count { cache.lookup("cus_\($0)") != .unknown }
        #expect(known == cache.count)
    }

    @Test(arguments: [UInt32.max, 3, 0])
    func `ids of every length are told apart, also where they collide`(_ hashMask: UInt32) {
        let cache = AccessCache.opened(hashMask: hashMask)
        let long = String(repeating: "x", count: 255)
        var ids = (1...255).map { String(long.prefix($0)) }
        ids += (1..<255).map { "\(long.prefix($0))y" }
        // Short ids are padded with zeros, which must not match ids that end in zeros.
        ids += ["y\0", "y\0\0", String(repeating: "\0", count: 24), ""]
        for (number, id) in ids.enumerated() { cache.read(id, version: Int64(number)) }
        for (number, id) in ids.enumerated() { #expect(cache.lookup(id).summary == "fresh \(number)", "\(id)") }
        #expect(cache.count == ids.count)
        for id in ids where id.utf8.count % 2 == 0 { cache.fill(cache.beginReading(id), nil, now: 0) }
        for (number, id) in ids.enumerated() {
            let expected = id.utf8.count % 2 == 0 ? "unknown" : "fresh \(number)"
            #expect(cache.lookup(id).summary == expected, "\(id)")
        }
    }
}
