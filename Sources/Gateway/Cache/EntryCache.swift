// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Up to a million entries that are right as long as their changes are announced: the database announces every one, and an
/// entry that was not announced since it was read may be given, and may still be given while the database is unavailable.
///
/// All times are arguments: `now` is nanoseconds of a monotonic clock with any origin.
package final class EntryCache<Entry: CacheEntry>: Sendable {
    private static var shardBits: Int { 6 }
    /// With fewer entries than this in each, the shards of a small cache would fill too unevenly.
    private static var shardMinimum: Int { 1024 }

    private let freshFor: UInt64
    private let staleFor: UInt64
    private let shards: InlineArray<64, Mutex<CacheShard<Entry>>>
    private let shardMask: Int
    /// Odd while announcements are being received; incremented at each beginning and each end.
    private let epoch = Atomic<UInt32>(0)

    /// Receives no announcements at first: nothing is fresh before `feedUp()`.
    /// - Parameters:
    ///   - limit: how many entries it holds.
    ///   - freshFor: how long an entry counts as fresh if the announcement of its change never came.
    ///   - staleFor: how long after it was read an entry may be given at all.
    ///   - hashMask: which bits of a hash count within a shard: all of them, except in a test of collisions.
    init(limit: Int, freshFor: Duration, staleFor: Duration, hashMask: UInt32) {
        self.freshFor = Self.nanoseconds(freshFor)
        self.staleFor = Self.nanoseconds(staleFor)
        var used = 1 << Self.shardBits
        while used > 1, limit / used < Self.shardMinimum { used /= 2 }
        shardMask = used - 1
        shards = InlineArray { [used] shard in
            Mutex(CacheShard<Entry>(limit: max(0, (limit + used - 1 - shard) / used), hashMask: hashMask))
        }
    }

    /// Entries, including those too old to be given.
    var count: Int { sum { $0.count } }

    /// Entries that are being read.
    var readingCount: Int { sum { $0.readingCount } }

    /// What is known under a key.
    /// - Parameter read: what is wanted of the entry; called behind its lock.
    /// - Returns: also whether nothing was announced since the entry was read; nil if nothing is known.
    func lookup<R>(_ key: Entry.Key, now: UInt64, _ read: (inout Entry) -> R) -> (found: R, isFresh: Bool)? {
        let hash = key.seededHash
        // Read before the entry, so that an interruption that ended before this call is seen.
        let rules = rules
        return withShard(hash) { $0.lookup(key, hash, now: now, rules, read) }
    }

    /// To be called before the database is asked.
    func beginReading(_ key: Entry.Key, now: UInt64) -> CacheTicket<Entry> {
        let hash = key.seededHash
        let epoch = rules.epoch
        let announcements = withShard(hash) { $0.beginReading(key) }
        return CacheTicket(key, hash, epoch: epoch, announcements: announcements, begunAt: now, cache: self)
    }

    /// Keeps what the database answered: as fresh, unless it was announced or the announcements were interrupted since the
    /// ticket was taken. What is already known is not replaced by a lower version.
    /// - Parameter entry: given the ticket; nil for what there is not, which takes no room.
    func fill(_ ticket: CacheTicket<Entry>, now: UInt64, _ entry: ((CacheTicket<Entry>) -> Entry)?) {
        guard ticket.close() else { return }
        let rules = rules
        withShard(ticket.hash) { shard in
            let isAnnounced = ticket.end(in: &shard)
            let isInterrupted = ticket.epoch != rules.epoch
            guard var entry = entry?(ticket) else {
                // If something came in between, it may have been the first that names it.
                if !isAnnounced, !isInterrupted { shard.drop(ticket.key, ticket.hash) }
                return
            }
            // From here on, an interruption is noticed when the entry is looked up: its epoch is then over.
            entry.epoch = isInterrupted || !Self.isReceiving(ticket.epoch) ? 0 : ticket.epoch
            if isAnnounced { entry.outdate() }
            shard.keep(entry, ticket.hash, now: now, rules)
        }
    }

    /// The database did not answer.
    func abandon(_ ticket: CacheTicket<Entry>) {
        guard ticket.close() else { return }
        withShard(ticket.hash) { _ = ticket.end(in: &$0) }
    }

    /// It has changed: neither what is known about it nor what is being read is fresh.
    func announced(_ key: Entry.Key) {
        let hash = key.seededHash
        withShard(hash) { $0.announced(key, hash) }
    }

    /// Announcements are being received: reads that begin from now on give fresh answers. To be called once the
    /// database has confirmed that it will announce.
    func feedUp() { beginEpoch(isReceiving: true) }

    /// Announcements may be missing: nothing is fresh any more, and what is being read now will not be.
    func feedDown() { beginEpoch(isReceiving: false) }

    func withShard<R>(_ hash: UInt64, _ body: (inout CacheShard<Entry>) -> R) -> R {
        // In bounds: the mask is below the number of shards.
        shards[Int(hash >> (64 - Self.shardBits)) & shardMask].withLock { body(&$0) }
    }

    private var rules: CacheRules {
        CacheRules(freshFor: freshFor, staleFor: staleFor, epoch: epoch.load(ordering: .acquiring))
    }

    private static func isReceiving(_ epoch: UInt32) -> Bool { epoch & 1 == 1 }

    private func beginEpoch(isReceiving: Bool) {
        var known = epoch.load(ordering: .relaxed)
        while Self.isReceiving(known) != isReceiving {
            let (exchanged, original) = epoch.weakCompareExchange(
                expected: known, desired: known &+ 1, ordering: .acquiringAndReleasing
            )
            if exchanged { return }
            known = original
        }
    }

    private func sum(_ part: (inout CacheShard<Entry>) -> Int) -> Int {
        var sum = 0
        for shard in shards.indices { sum += shards[shard].withLock { part(&$0) } }
        return sum
    }

    /// Saturates: 584 years count as for ever.
    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (exact, fractionOverflow) = whole.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return overflow || fractionOverflow ? .max : exact
    }
}
