// SPDX-License-Identifier: Apache-2.0

/// What a cache knows about one thing.
package protocol CacheEntry: Sendable {
    associatedtype Key: CacheKey

    var key: Key { get }
    /// Whether it was asked for since the clock hand last passed.
    var isReferenced: Bool { get set }
    /// The epoch of announcements (`EntryCache.epoch`) in which it is valid; 0 for none.
    var epoch: UInt32 { get set }
    /// Grows with every change of what it says.
    var version: Int64 { get }
    /// When the read began, in nanoseconds.
    var readAt: UInt64 { get }

    /// Its change was announced: it is not fresh any more.
    mutating func outdate()

    /// It takes the place of an earlier entry, and keeps what that one knew of how it was used.
    mutating func replace(_ earlier: Self)
}

extension CacheEntry {
    package mutating func outdate() { epoch = 0 }

    package mutating func replace(_ earlier: Self) { isReferenced = earlier.isReferenced }

    /// Whether it is older than `lifetime`, both in nanoseconds. Readers' clocks may be read out of order.
    func isOver(_ lifetime: UInt64, now: UInt64) -> Bool { now > readAt && now - readAt > lifetime }
}
