// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Store

/// What the cache knows about one customer: 80 bytes, because there are a million of them.
package struct AccessEntry: CacheEntry {
    /// A decision that will follow with time alone.
    private struct Upcoming: TimeSegment, Sendable {
        let from: Timestamp
        let until: Timestamp
        let version: Int64
        let reason: Reason
        let hasUntil: Bool

        init(_ segment: Access.Segment) {
            from = segment.from
            until = segment.decision.until ?? from
            version = segment.version
            reason = segment.decision.reason
            hasUntil = segment.decision.until != nil
        }
    }

    // In this order the small fields fill the gap after the key's length.
    package let key: CustomerKey
    private let reason: Reason
    private let hasUntil: Bool
    package var isReferenced = false
    package var epoch: UInt32 = 0
    private let until: Timestamp
    private let credits: Int64
    package let version: Int64
    package let readAt: UInt64
    private let upcoming: [Upcoming]

    init(_ answer: AccessAnswer, key: CustomerKey, readAt: UInt64) {
        self.key = key
        self.readAt = readAt
        reason = answer.decision.reason
        hasUntil = answer.decision.until != nil
        until = answer.decision.until ?? answer.changedAt
        credits = answer.credits
        version = answer.version
        // `map` allocates exactly what it needs, and nothing for an empty list.
        upcoming = answer.upcoming.map(Upcoming.init)
    }

    /// What holds at a time, like `AccessAnswer.elapsed(to:)`.
    /// - Returns: also whether that is known: it is not if the decision has ended and nothing is known to follow.
    func answer(at time: Timestamp) -> (answer: AccessCache.Answer, isKnown: Bool) {
        // A decision still in force does not need what follows, which is elsewhere in memory.
        guard !hasUntil || until <= time || upcoming.isEmpty else { return (current, true) }
        let begun = upcoming.begun(by: time)
        guard begun > 0 else { return (current, !hasUntil || until > time) }
        let next = upcoming[begun - 1]
        let answer = AccessCache.Answer(
            reason: next.reason, until: next.hasUntil ? next.until : nil, credits: credits, version: next.version)
        return (answer, !next.hasUntil || next.until > time)
    }

    private var current: AccessCache.Answer {
        AccessCache.Answer(reason: reason, until: hasUntil ? until : nil, credits: credits, version: version)
    }
}
