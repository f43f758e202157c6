// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A read of one customer that is in flight. It ends once: by `AccessCache.fill`, by `abandon`, or when it is released
/// (by a request that was cancelled), so that nothing stays behind.
package final class AccessTicket: Sendable {
    let key: CustomerKey
    let hash: UInt64
    /// `AccessCache.epoch` when it began.
    let epoch: UInt32
    /// When it began, in nanoseconds.
    let begunAt: UInt64
    private let announcements: UInt64
    private let cache: AccessCache
    private let isOpen = Atomic(true)

    init(
        _ key: CustomerKey, _ hash: UInt64, epoch: UInt32, announcements: UInt64, begunAt: UInt64, cache: AccessCache
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
    /// - Returns: whether the customer was announced in the meantime.
    func end(in shard: inout AccessShard) -> Bool { shard.endReading(key, announcements) }
}
