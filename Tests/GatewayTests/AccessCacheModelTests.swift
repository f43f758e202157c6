// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

@testable import Gateway
@testable import Store

/// The cache must give the same answers as a slow dictionary.
@Suite struct AccessCacheModelTests {
    private struct Model {
        struct Entry {
            let answer: AccessAnswer
            var isFresh: Bool
            let readAt: UInt64
        }

        struct Reading {
            let ticket: AccessTicket
            let customer: String
            var isVoid: Bool
        }

        var entries: [String: Entry] = [:]
        var readings: [Reading] = []
        var isReceiving = false

        mutating func announce(_ customer: String) {
            entries[customer]?.isFresh = false
            for position in readings.indices where readings[position].customer == customer {
                readings[position].isVoid = true
            }
        }

        mutating func receive(_ isNow: Bool) {
            guard isNow != isReceiving else { return }
            isReceiving = isNow
            for customer in entries.keys { entries[customer]?.isFresh = false }
            for position in readings.indices { readings[position].isVoid = true }
        }

        mutating func fill(_ reading: Reading, _ answer: AccessAnswer?, now: UInt64) {
            guard let answer else {
                if !reading.isVoid { entries[reading.customer] = nil }
                return
            }
            let readAt = reading.ticket.begunAt
            let isFresh = !reading.isVoid && isReceiving
            if let known = entries[reading.customer], now - known.readAt <= 900 * AccessCache.second {
                guard (answer.version, readAt) >= (known.answer.version, known.readAt) else { return }
                let isKnownFresh = known.isFresh && now - known.readAt <= 60 * AccessCache.second
                let isReadFresh = isFresh && now - readAt <= 60 * AccessCache.second
                if answer.version == known.answer.version, isKnownFresh, !isReadFresh { return }
            }
            entries[reading.customer] = Entry(answer: answer, isFresh: isFresh, readAt: readAt)
        }

        func lookup(_ customer: String, at time: Timestamp, now: UInt64) -> AccessCache.Hit {
            guard let entry = entries[customer], now - entry.readAt <= 900 * AccessCache.second else { return .unknown }
            let answer = entry.answer.elapsed(to: time)
            let hasEnded = answer.decision.until.map { $0 <= time } ?? false
            let isFresh = entry.isFresh && now - entry.readAt <= 60 * AccessCache.second && !hasEnded
            return isFresh ? .fresh(AccessCache.Answer(answer)) : .old(AccessCache.Answer(answer))
        }
    }

    private static func answer(_ customer: String, at time: Timestamp, _ random: inout SeededRandom) -> AccessAnswer {
        let version = random.within(1...6)
        var ends: [Timestamp] = []
        for _ in 0..<random.within(0...3) { ends.append((ends.last ?? time) + .seconds(random.within(1...200))) }
        // One in four has a last end that no segment follows.
        let following = random.one(in: 4) ? max(0, ends.count - 1) : ends.count
        let upcoming = (0..<following).map { position in
            Access.Segment(
                from: ends[position],
                decision: Decision(.gracePeriod, until: position + 1 < ends.count ? ends[position + 1] : nil),
                version: version + 1 + Int64(position)
            )
        }
        return AccessAnswer(
            customer, version: version, Decision(random.pick(.credits, .disputed), until: ends.first),
            credits: random.within(-9...9), upcoming: upcoming
        )
    }

    @Test(arguments: [(UInt64(1), UInt32.max), (2, 7), (3, 0), (4, .max)])
    func `random acts give what the model gives`(_ seed: UInt64, _ hashMask: UInt32) {
        var random = SeededRandom(seed)
        let cache = AccessCache.opened(limit: 1_000, hashMask: hashMask, isReceiving: false)
        var model = Model()
        var now: UInt64 = 0
        var time = Timestamp.noon
        let customers = (0..<60).map { "cus_\($0)" + String(repeating: "z", count: $0) }
        for step in 0..<40_000 {
            let customer = customers[Int(random.within(0...59))]
            switch random.within(0...99) {
            case 0..<30:
                let reading = Model.Reading(
                    ticket: cache.beginReading(customer, now: now), customer: customer, isVoid: false
                )
                model.readings.append(reading)
            case 30..<65 where !model.readings.isEmpty:
                let reading = model.readings.remove(at: Int(random.within(0...Int64(model.readings.count - 1))))
                if random.one(in: 20) {
                    cache.abandon(reading.ticket)
                } else {
                    let answer = random.one(in: 8) ? nil : Self.answer(reading.customer, at: time, &random)
                    cache.fill(reading.ticket, answer, now: now)
                    model.fill(reading, answer, now: now)
                }
            case 65..<75:
                cache.announced(customer)
                model.announce(customer)
            case 75:
                if random.one(in: 4) {
                    cache.feedDown()
                    model.receive(false)
                }
            case 76..<79:
                cache.feedUp()
                model.receive(true)
            case 79..<85:
                let seconds = random.one(in: 50) ? random.within(0...1_000) : random.within(0...20)
                now += UInt64(seconds) * AccessCache.second
                time = time + .seconds(seconds)
            default: break
            }
            let asked = customers[Int(random.within(0...59))]
            let (hit, expected) = (
                cache.lookup(asked, at: time, now: now), model.lookup(asked, at: time, now: now)
            )
            guard hit == expected else {
                Issue.record("step \(step): \(hit) instead of \(expected)")
                return
            }
        }
        #expect(cache.count == model.entries.count)
        #expect(cache.readingCount == Set(model.readings.map(\.customer)).count)
        model.readings = []
        #expect(cache.readingCount == 0)
    }

    @Test(arguments: [UInt32.max, 3, 0])
    func `with room for few, what is given is what was read last`(_ hashMask: UInt32) {
        var random = SeededRandom(UInt64(hashMask))
        let cache = AccessCache.opened(limit: 40, hashMask: hashMask)
        var last: [String: Int64] = [:]
        var hits = 0
        for version in Int64(1)...20_000 {
            let customer = "cus_\(random.within(0...99))"
            if random.one(in: 10) {
                cache.fill(cache.beginReading(customer), nil, now: 0)
                last[customer] = nil
            } else if random.one(in: 2) {
                cache.read(customer, version: version)
                last[customer] = version
            } else if let answer = cache.lookup(customer).answer {
                hits += 1
                #expect(answer.version == last[customer])
            }
            #expect(cache.count <= 40)
        }
        #expect(hits > 2_000)
    }
}
