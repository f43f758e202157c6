// SPDX-License-Identifier: Apache-2.0

/// Finds the entry of a hash: open addressing with linear probing, and no tombstones.
struct CacheIndex: Sendable {
    /// 0 if empty; else the hash above the position + 1, so that neither a probe nor growth touches an entry.
    private var slots: [UInt64]
    private var count = 0
    private var mask: Int

    init() {
        slots = Array(repeating: 0, count: 8)
        mask = slots.count - 1
    }

    /// - Returns: the first position of this hash that `matches`.
    func position(of hash: UInt32, where matches: (Int) -> Bool) -> Int? {
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            if Self.hash(slots[slot]) == hash, matches(Self.position(slots[slot])) { return Self.position(slots[slot]) }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Adds a position that is not yet in it.
    mutating func insert(_ hash: UInt32, at position: Int) {
        // Up to three quarters full, the runs are still short.
        if (count + 1) * 4 > slots.count * 3 { grow() }
        put(Self.entry(hash, position))
        count += 1
    }

    mutating func remove(_ hash: UInt32, at position: Int) {
        guard var hole = slot(of: hash, at: position) else { return }
        count -= 1
        // Backward shift: what a later probe would miss after the hole moves into it.
        var next = (hole + 1) & mask
        while slots[next] != 0 {
            let home = Int(Self.hash(slots[next])) & mask
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = 0
    }

    /// The entry of this hash has moved.
    mutating func move(_ hash: UInt32, from position: Int, to new: Int) {
        guard let slot = slot(of: hash, at: position) else { return }
        slots[slot] = Self.entry(hash, new)
    }

    private func slot(of hash: UInt32, at position: Int) -> Int? {
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            if slots[slot] == Self.entry(hash, position) { return slot }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: 0, count: old.count * 2)
        mask = slots.count - 1
        for entry in old where entry != 0 { put(entry) }
    }

    private mutating func put(_ entry: UInt64) {
        var slot = Int(Self.hash(entry)) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = entry
    }

    private static func entry(_ hash: UInt32, _ position: Int) -> UInt64 {
        UInt64(hash) << 32 | UInt64(position + 1)
    }

    private static func hash(_ entry: UInt64) -> UInt32 { UInt32(entry >> 32) }

    private static func position(_ entry: UInt64) -> Int { Int(entry & 0xFFFF_FFFF) - 1 }
}
