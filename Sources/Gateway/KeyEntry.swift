// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import Store

extension SHA256Digest: CacheKey {}

/// What the cache knows about one API key.
package struct KeyEntry: CacheEntry {
    package let key: SHA256Digest
    package var isReferenced = false
    package var epoch: UInt32 = 0
    package let readAt: UInt64
    let answer: APIKeyAnswer
    /// Whether its change was announced, which may be its deletion.
    private(set) var isAnnounced = false
    /// The minute in which its use was noted last.
    private var usedInMinute: Int64 = .min

    package var version: Int64 { answer.version }

    init(_ answer: APIKeyAnswer, key: SHA256Digest, readAt: UInt64) {
        self.answer = answer
        self.key = key
        self.readAt = readAt
    }

    package mutating func outdate() {
        epoch = 0
        isAnnounced = true
    }

    package mutating func replace(_ earlier: KeyEntry) {
        isReferenced = earlier.isReferenced
        usedInMinute = earlier.usedInMinute
    }

    /// - Returns: whether it was not used yet in this minute.
    mutating func use(at time: Timestamp) -> Bool {
        let minute = time.seconds / 60
        guard minute != usedInMinute else { return false }
        usedInMinute = minute
        return true
    }
}
