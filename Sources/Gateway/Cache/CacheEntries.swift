// SPDX-License-Identifier: Apache-2.0

/// Entries without gaps, in chunks: growing neither copies the existing ones nor holds them twice.
struct CacheEntries<Entry: CacheEntry>: Sendable {
    /// The most entries that a shard reserves without using them: 80 kB of customers.
    private static var chunkBits: Int { 10 }
    private static var chunkSize: Int { 1 << chunkBits }

    private var chunks: [ContiguousArray<Entry>] = []
    private(set) var count = 0

    subscript(_ position: Int) -> Entry {
        // In place: a getter would retain what an entry refers to, and a setter would copy it.
        _read { yield chunks[position >> Self.chunkBits][position & (Self.chunkSize - 1)] }
        _modify { yield &chunks[position >> Self.chunkBits][position & (Self.chunkSize - 1)] }
    }

    mutating func append(_ entry: Entry) {
        if count == chunks.count << Self.chunkBits {
            var chunk = ContiguousArray<Entry>()
            chunk.reserveCapacity(Self.chunkSize)
            chunks.append(chunk)
        }
        chunks[count >> Self.chunkBits].append(entry)
        count += 1
    }

    /// Removes the last entry; there must be one.
    mutating func removeLast() -> Entry {
        count -= 1
        let last = chunks[count >> Self.chunkBits].removeLast()
        if chunks[count >> Self.chunkBits].isEmpty { chunks.removeLast() }
        return last
    }
}
