// SPDX-License-Identifier: Apache-2.0

import Notation
import Store

/// One part of a cache, behind one lock: its entries, and the reads that are in flight.
struct CacheShard<Entry: CacheEntry>: Sendable {
    /// Reads of one entry that have not ended.
    private struct Readings {
        var count = 0
        /// How often it was announced since the first of them began.
        var announcements: UInt64 = 0
    }

    /// How many entries it holds.
    private let limit: Int
    /// Which bits of a hash count: all of them, except in a test of collisions.
    private let hashMask: UInt32
    private var entries = CacheEntries<Entry>()
    private var index = CacheIndex()
    private var readings: [Entry.Key: Readings] = [:]
    /// Where the search for an entry to evict continues.
    private var hand = 0

    init(limit: Int, hashMask: UInt32 = .max) {
        self.limit = limit
        self.hashMask = hashMask
    }

    var count: Int { entries.count }
    /// Entries with reads in flight.
    var readingCount: Int { readings.count }

    /// - Parameter read: what is wanted of the entry.
    /// - Returns: also whether nothing was announced since it was read; nil if it is unknown, or too old to be given.
    mutating func lookup<R>(
        _ key: Entry.Key, _ hash: UInt64, now: UInt64, _ rules: CacheRules, _ read: (inout Entry) -> R
    ) -> (found: R, isFresh: Bool)? {
        guard let position = position(of: key, hash) else { return nil }
        if entries[position].isOver(rules.staleFor, now: now) { return nil }
        if !entries[position].isReferenced { entries[position].isReferenced = true }
        let isFresh = rules.isFresh(entries[position], now: now)
        return (read(&entries[position]), isFresh)
    }

    mutating func announced(_ key: Entry.Key, _ hash: UInt64) {
        if let position = position(of: key, hash) { entries[position].outdate() }
        // Only if a read is in flight: announcements alone take no memory.
        if !readings.isEmpty { readings[key]?.announcements += 1 }
    }

    /// - Returns: how often it had been announced before.
    mutating func beginReading(_ key: Entry.Key) -> UInt64 {
        readings[key, default: Readings()].count += 1
        return readings[key]?.announcements ?? 0
    }

    /// - Returns: whether it was announced in the meantime.
    mutating func endReading(_ key: Entry.Key, _ announcements: UInt64) -> Bool {
        guard var reading = readings[key] else { return true }
        reading.count -= 1
        readings[key] = reading.count == 0 ? nil : reading
        return reading.announcements != announcements
    }

    /// Keeps what was read, unless what is there is newer.
    /// - Parameters:
    ///   - entry: has epoch 0 if something came in between.
    mutating func keep(_ entry: Entry, _ hash: UInt64, now: UInt64, _ rules: CacheRules) {
        guard let position = position(of: entry.key, hash) else { return insert(entry, hash) }
        guard !isNewer(entries[position], than: entry, now: now, rules) else { return }
        var entry = entry
        entry.replace(entries[position])
        entries[position] = entry
    }

    private func isNewer(
        _ known: Entry, than read: Entry, now: UInt64, _ rules: CacheRules
    ) -> Bool {
        // A restored database counts from an earlier version: an answer too old to be given must not block its answers.
        if known.isOver(rules.staleFor, now: now) { return false }
        if known.version != read.version { return known.version > read.version }
        // The same version, but what follows it may differ: prefer the later read, and the fresh one.
        return known.readAt > read.readAt || (rules.isFresh(known, now: now) && !rules.isFresh(read, now: now))
    }

    /// There is no such thing.
    mutating func drop(_ key: Entry.Key, _ hash: UInt64) {
        guard let position = position(of: key, hash) else { return }
        index.remove(short(hash), at: position)
        let last = entries.removeLast()
        guard position < entries.count else { return }
        // No gaps: the last entry takes its place.
        index.move(short(last.key.seededHash), from: entries.count, to: position)
        entries[position] = last
    }

    private mutating func insert(_ entry: Entry, _ hash: UInt64) {
        guard limit > 0 else { return }
        if entries.count < limit {
            index.insert(short(hash), at: entries.count)
            entries.append(entry)
            return
        }
        let position = evictee()
        index.remove(short(entries[position].key.seededHash), at: position)
        index.insert(short(hash), at: position)
        entries[position] = entry
    }

    /// The next one that was not asked for since the hand last passed. Found in the second round at the latest.
    private mutating func evictee() -> Int {
        while true {
            if hand >= entries.count { hand = 0 }
            defer { hand += 1 }
            guard entries[hand].isReferenced else { return hand }
            entries[hand].isReferenced = false
        }
    }

    private func position(of key: Entry.Key, _ hash: UInt64) -> Int? {
        index.position(of: short(hash)) { entries[$0].key == key }
    }

    /// The half that does not select the shard.
    private func short(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash) & hashMask }
}
