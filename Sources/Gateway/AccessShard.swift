// SPDX-License-Identifier: Apache-2.0

import Notation
import Store

/// One part of the cache, behind one lock: its entries, and the readings of its customers that are under way.
struct AccessShard: Sendable {
    /// Readings of one customer that have not ended.
    private struct Readings {
        var count = 0
        /// How often the customer was announced since the first of them began.
        var announcements: UInt64 = 0
    }

    /// Customers.
    private let limit: Int
    /// Which bits of a hash count: all, but in a test of collisions.
    private let hashMask: UInt32
    private var entries = AccessEntries()
    private var index = AccessIndex()
    private var readings: [CustomerKey: Readings] = [:]
    /// Where the search for an entry to evict goes on.
    private var hand = 0

    init(limit: Int, hashMask: UInt32 = .max) {
        self.limit = limit
        self.hashMask = hashMask
    }

    var count: Int { entries.count }
    /// Customers with readings under way.
    var readingCount: Int { readings.count }

    mutating func lookup(
        _ key: CustomerKey, _ hash: UInt64, at time: Timestamp, now: UInt64, _ rules: AccessCache.Rules
    ) -> AccessCache.Hit {
        guard let position = position(of: key, hash) else { return .unknown }
        if entries[position].isOver(rules.staleFor, now: now) { return .unknown }
        if !entries[position].isReferenced { entries[position].isReferenced = true }
        let (answer, isKnown) = entries[position].answer(at: time)
        let isFresh = isKnown && rules.isFresh(entries[position], now: now)
        return isFresh ? .fresh(answer) : .old(answer)
    }

    mutating func announced(_ key: CustomerKey, _ hash: UInt64) {
        if let position = position(of: key, hash) { entries[position].outdate() }
        // Only where a reading is under way: announcements alone take no memory.
        if !readings.isEmpty { readings[key]?.announcements += 1 }
    }

    /// - Returns: how often the customer was announced before.
    mutating func beginReading(_ key: CustomerKey) -> UInt64 {
        readings[key, default: Readings()].count += 1
        return readings[key]?.announcements ?? 0
    }

    /// - Returns: whether the customer was announced meanwhile.
    mutating func endReading(_ key: CustomerKey, _ announcements: UInt64) -> Bool {
        guard var reading = readings[key] else { return true }
        reading.count -= 1
        readings[key] = reading.count == 0 ? nil : reading
        return reading.announcements != announcements
    }

    /// Takes over what was read, unless what is there is newer.
    /// - Parameters:
    ///   - entry: with epoch 0 where something came in between.
    mutating func keep(_ entry: AccessEntry, _ hash: UInt64, now: UInt64, _ rules: AccessCache.Rules) {
        guard let position = position(of: entry.key, hash) else { return insert(entry, hash) }
        let isReferenced = entries[position].isReferenced
        guard !isNewer(entries[position], than: entry, now: now, rules) else { return }
        entries[position] = entry
        entries[position].isReferenced = isReferenced
    }

    private func isNewer(
        _ known: AccessEntry, than read: AccessEntry, now: UInt64, _ rules: AccessCache.Rules
    ) -> Bool {
        // A database that was set back counts anew: what may no longer be given must not stand in its way.
        if known.isOver(rules.staleFor, now: now) { return false }
        if known.version != read.version { return known.version > read.version }
        // The same version, but what follows may be another: the later reading knows, and the one that is fresh.
        return known.readAt > read.readAt || (rules.isFresh(known, now: now) && !rules.isFresh(read, now: now))
    }

    /// Nobody knows the customer.
    mutating func drop(_ key: CustomerKey, _ hash: UInt64) {
        guard let position = position(of: key, hash) else { return }
        index.remove(short(hash), at: position)
        let last = entries.removeLast()
        guard position < entries.count else { return }
        // No gaps: the last one takes the place.
        index.move(short(last.key.seededHash), from: entries.count, to: position)
        entries[position] = last
    }

    private mutating func insert(_ entry: AccessEntry, _ hash: UInt64) {
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

    /// The next one that was not asked for since the hand passed last. Ends in the second round at the latest.
    private mutating func evictee() -> Int {
        while true {
            if hand >= entries.count { hand = 0 }
            defer { hand += 1 }
            guard entries[hand].isReferenced else { return hand }
            entries[hand].isReferenced = false
        }
    }

    private func position(of key: CustomerKey, _ hash: UInt64) -> Int? {
        index.position(of: short(hash)) { entries[$0].key == key }
    }

    /// The half that does not choose the shard.
    private func short(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash) & hashMask }
}
