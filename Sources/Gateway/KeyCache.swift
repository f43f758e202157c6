// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import Store

/// API keys that are known, by their SHA-256. The database announces every change of a key; unknown keys are not kept, so
/// one that is made is known at once.
///
/// All times are arguments: `now` is nanoseconds of a monotonic clock with any origin.
package final class KeyCache: Sendable {
    package enum Hit: Sendable, Hashable {
        case fresh(APIKeyAnswer)
        /// It may have changed: ask the database. If that is unavailable, this may be used.
        case old(APIKeyAnswer)
        case unknown
    }

    private let entries: EntryCache<KeyEntry>

    /// - Parameters: as `AccessCache`'s.
    package init(
        limit: Int = 1_000_000,
        freshFor: Duration = .seconds(5 * 60),
        staleFor: Duration = .seconds(15 * 60)
    ) {
        entries = EntryCache(limit: limit, freshFor: freshFor, staleFor: staleFor, hashMask: .max)
    }

    var count: Int { entries.count }

    package func lookup(_ key: SHA256Digest, now: UInt64) -> Hit {
        let hit = entries.lookup(key, now: now) { (answer: $0.answer, isAnnounced: $0.isAnnounced) }
        guard let hit else { return .unknown }
        if hit.isFresh { return .fresh(hit.found.answer) }
        // What was announced may be its deletion: not even a database that is away makes it good again.
        return hit.found.isAnnounced ? .unknown : .old(hit.found.answer)
    }

    /// Looks a key up and marks it as used, behind one lock.
    /// - Returns: also whether it was not used yet in this minute, as far as memory knows; nil if it is unknown.
    package func use(
        _ key: SHA256Digest, at time: Timestamp, now: UInt64
    ) -> (answer: APIKeyAnswer, isFresh: Bool, isFirst: Bool)? {
        entries.lookup(key, now: now) { (answer: $0.answer, isFirst: $0.use(at: time)) }
            .map { ($0.found.answer, $0.isFresh, $0.found.isFirst) }
    }

    /// To be called before the database is asked.
    package func beginReading(_ key: SHA256Digest, now: UInt64) -> CacheTicket<KeyEntry> {
        entries.beginReading(key, now: now)
    }

    /// Keeps what the database answered.
    /// - Parameter answer: nil for a key that there is not.
    package func fill(_ ticket: CacheTicket<KeyEntry>, _ answer: APIKeyAnswer?, now: UInt64) {
        entries.fill(ticket, now: now, answer.map { answer in { KeyEntry(answer, key: $0.key, readAt: $0.begunAt) } })
    }

    /// The database did not answer.
    package func abandon(_ ticket: CacheTicket<KeyEntry>) { entries.abandon(ticket) }

    /// These keys have changed.
    /// - Parameter keys: their SHA-256 in hex; anything else was announced by somebody else, and is passed over.
    package func announced(_ keys: [String]) {
        for key in keys.compactMap(SHA256Digest.init(hex:)) { entries.announced(key) }
    }

    /// As `AccessCache.feedUp()`.
    package func feedUp() { entries.feedUp() }

    /// As `AccessCache.feedDown()`.
    package func feedDown() { entries.feedDown() }
}
