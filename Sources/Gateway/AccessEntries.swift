// SPDX-License-Identifier: Apache-2.0

/// Entries without gaps, in chunks: growing neither copies the existing ones nor holds them twice.
struct AccessEntries: Sendable {
    /// 80 kB of entries: the most that a shard reserves without using it.
    private static let chunkBits = 10
    private static let chunkSize = 1 << chunkBits

    private var chunks: [ContiguousArray<AccessEntry>] = []
    private(set) var count = 0

    subscript(_ position: Int) -> AccessEntry {
        // In place: a getter would retain what an entry refers to, and a setter would copy it.
        _read { yield chunks[position >> Self.chunkBits][position & (Self.chunkSize - 1)] }
        _modify { yield &chunks[position >> Self.chunkBits][position & (Self.chunkSize - 1)] }
    }

    mutating func append(_ entry: AccessEntry) {
        if count == chunks.count << Self.chunkBits {
            var chunk = ContiguousArray<AccessEntry>()
            chunk.reserveCapacity(Self.chunkSize)
            chunks.append(chunk)
        }
        chunks[count >> Self.chunkBits].append(entry)
        count += 1
    }

    /// Removes the last entry; there must be one.
    mutating func removeLast() -> AccessEntry {
        count -= 1
        let last = chunks[count >> Self.chunkBits].removeLast()
        if chunks[count >> Self.chunkBits].isEmpty { chunks.removeLast() }
        return last
    }
}
