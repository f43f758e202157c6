// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

@testable import Gateway
@testable import Store

/// The end of the feed that is kept in memory.
@Suite struct ChangeTailTests {
    private static func moment(_ xid: UInt64) -> FeedMoment {
        FeedMoment(identity: "0123456789abcdef", position: FeedPosition(xid: xid), xmax: xid)
    }

    private static func change(_ customer: String, _ xid: UInt64, version: Int64 = 1) -> FeedChange {
        FeedChange(
            answer: AccessAnswer(customer, version: version), position: FeedPosition(xid: xid, customer: customer),
            at: .noon)
    }

    private static func reading(_ changes: [FeedChange], end: UInt64) -> FeedReading {
        FeedReading(
            changes: changes, end: FeedPosition(xid: end), hasMore: false, moment: moment(end), hidesSome: false,
            unreadable: [])
    }

    private static func ids(_ found: (changes: [FeedChange], end: FeedPosition, hasMore: Bool)?) -> [String]? {
        found?.changes.map { "\($0.answer.customer) \($0.position.xid)" }
    }

    @Test func `it tells what comes after a position, each customer once, and nothing of what lies before it`() {
        var tail = ChangeTail(from: Self.moment(10))
        tail.append(Self.reading([Self.change("a", 10), Self.change("b", 10), Self.change("c", 11)], end: 12))
        tail.append(Self.reading([Self.change("b", 12)], end: 15))
        #expect(Self.ids(tail.changes(after: FeedPosition(xid: 10), atMost: 9)) == ["a 10", "c 11", "b 12"])
        #expect(Self.ids(tail.changes(after: FeedPosition(xid: 10, customer: "a"), atMost: 9)) == ["c 11", "b 12"])
        #expect(tail.changes(after: FeedPosition(xid: 12), atMost: 9)?.end == FeedPosition(xid: 15))
        #expect(tail.changes(after: FeedPosition(xid: 9, customer: "z"), atMost: 9) == nil)
        let page = tail.changes(after: FeedPosition(xid: 10), atMost: 2)
        #expect(Self.ids(page) == ["a 10", "c 11"] && page?.hasMore == true)
        #expect(page?.end == FeedPosition(xid: 11, customer: "c"))
        // Exactly as many as asked for: nothing is left.
        #expect(tail.changes(after: FeedPosition(xid: 10), atMost: 3)?.hasMore == false)
    }

    /// Against a model that keeps everything: who follows by pages of any size ends with the last state of everybody.
    @Test(arguments: 1...20) func `who follows it misses nothing, and it stays within its limit`(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var tail = ChangeTail(from: Self.moment(1), limit: 20)
        var truth: [String: Int64] = [:]
        var seen: [String: Int64] = [:]
        var position = FeedPosition(xid: 1)
        var xid: UInt64 = 1
        for step in 1...400 {
            let names = Set((0..<Int.random(in: 0...4, using: &random)).map { _ in "c\(random.within(1...30))" })
            let changes = names.sorted().map { Self.change($0, xid, version: Int64(step)) }
            xid += 1
            for change in changes { truth[change.answer.customer] = Int64(step) }
            tail.append(Self.reading(changes, end: xid))
            #expect(tail.count <= 20)
            guard random.one(in: 3) else { continue }
            while true {
                guard let page = tail.changes(after: position, atMost: Int(random.within(1...5))) else {
                    // Fell behind what is kept: the database answers instead.
                    seen = truth
                    position = tail.end
                    break
                }
                for change in page.changes {
                    #expect(change.answer.version > seen[change.answer.customer] ?? 0)
                    seen[change.answer.customer] = change.answer.version
                }
                position = page.end
                if !page.hasMore { break }
            }
            #expect(seen == truth)
        }
    }
}
