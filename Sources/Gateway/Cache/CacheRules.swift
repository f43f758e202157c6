// SPDX-License-Identifier: Apache-2.0

/// Decides whether an entry is fresh.
struct CacheRules: Sendable {
    /// Nanoseconds.
    let freshFor: UInt64
    /// Nanoseconds.
    let staleFor: UInt64
    /// `EntryCache.epoch`.
    let epoch: UInt32

    func isFresh(_ entry: some CacheEntry, now: UInt64) -> Bool {
        entry.epoch != 0 && entry.epoch == epoch && !entry.isOver(freshFor, now: now)
    }
}
