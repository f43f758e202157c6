// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A read of one entry that is in flight. It ends once: by `EntryCache.fill`, by `abandon`, or when it is released
/// (by a request that was cancelled), so that nothing stays behind.
package final class CacheTicket<Entry: CacheEntry>: Sendable {
    let key: Entry.Key
    let hash: UInt64
    /// `EntryCache.epoch` when it began.
    let epoch: UInt32
    /// When it began, in nanoseconds.
    let begunAt: UInt64
    private let announcements: UInt64
    private let cache: EntryCache<Entry>
    private let isOpen = Atomic(true)

    init(
        _ key: Entry.Key, _ hash: UInt64, epoch: UInt32, announcements: UInt64, begunAt: UInt64,
        cache: EntryCache<Entry>
    ) {
        self.key = key
        self.hash = hash
        self.epoch = epoch
        self.announcements = announcements
        self.begunAt = begunAt
        self.cache = cache
    }

    deinit {
        guard close() else { return }
        cache.withShard(hash) { _ = $0.endReading(key, announcements) }
    }

    /// - Returns: whether this call ended it.
    func close() -> Bool { isOpen.exchange(false, ordering: .acquiringAndReleasing) }

    /// To be called once, after `close()` returned true.
    /// - Returns: whether the entry was announced in the meantime.
    func end(in shard: inout CacheShard<Entry>) -> Bool { shard.endReading(key, announcements) }
}
