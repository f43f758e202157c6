// SPDX-License-Identifier: Apache-2.0

/// By what a cache finds an entry.
package protocol CacheKey: Hashable, Sendable {}

extension CacheKey {
    /// SipHash with a key drawn for this process: whoever chooses ids cannot choose which of them collide.
    var seededHash: UInt64 {
        var hasher = Hasher()
        hash(into: &hasher)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }
}
