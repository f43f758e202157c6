// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport

@testable import Gateway
@testable import Store

extension AccessCache {
    /// Nanoseconds.
    static let second: UInt64 = 1_000_000_000

    /// Fresh for 60 s, stale for 900 s.
    /// - Parameter hashMask: fewer bits make more collisions.
    static func opened(limit: Int = 1_000, hashMask: UInt32 = .max, isReceiving: Bool = true) -> AccessCache {
        let cache = AccessCache(limit: limit, freshFor: .seconds(60), staleFor: .seconds(900), hashMask: hashMask)
        if isReceiving { cache.feedUp() }
        return cache
    }

    func lookup(_ id: String, at time: Timestamp = .noon, now: UInt64 = 0) -> Hit {
        lookup(Array(id.utf8).span, at: time, now: now)
    }

    func beginReading(_ id: String, now: UInt64 = 0) -> AccessTicket { beginReading(Array(id.utf8).span, now: now) }

    func announced(_ ids: String...) { announced(ids.map(\.utf8)) }

    /// A reading during which nothing is announced.
    func read(_ answer: AccessAnswer, now: UInt64 = 0) {
        fill(beginReading(answer.customer, now: now), answer, now: now)
    }

    func read(_ id: String, version: Int64 = 1, now: UInt64 = 0) { read(AccessAnswer(id, version: version), now: now) }
}

extension AccessCache.Hit {
    /// `fresh 3`, `old 3`, `unknown`.
    var summary: String {
        switch self {
        case .fresh(let answer): "fresh \(answer.version)"
        case .old(let answer): "old \(answer.version)"
        case .unknown: "unknown"
        }
    }

    var answer: AccessCache.Answer? {
        switch self {
        case .fresh(let answer), .old(let answer): answer
        case .unknown: nil
        }
    }

    var isFresh: Bool { if case .fresh = self { true } else { false } }
}
