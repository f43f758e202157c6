// SPDX-License-Identifier: Apache-2.0

/// What the bytes of a segment file hold. Every byte belongs to a valid record or to damage.
struct SegmentScan {
    private(set) var records: [SpooledRecord] = []
    /// The ranges of the valid records, adjacent ones joined.
    private(set) var valid: [Range<Int>] = []
    /// The ranges that belong to no valid record, adjacent ones joined.
    private(set) var damage: [Range<Int>] = []

    /// - Throws: `cannotRead` if OpenSSL fails.
    init(_ bytes: [UInt8]) throws(SpoolError) {
        var offset = 0
        while offset < bytes.count {
            if let record = try SpooledRecord.decode(bytes, at: offset) {
                records.append(record)
                Self.extend(&valid, to: offset + record.encodedCount, from: offset)
                offset += record.encodedCount
            } else {
                let next = SpooledRecord.nextMagic(in: bytes, from: offset + 1) ?? bytes.count
                Self.extend(&damage, to: next, from: offset)
                offset = next
            }
        }
    }

    var validBytes: Int { valid.reduce(0) { $0 + $1.count } }

    var damagedBytes: Int { damage.reduce(0) { $0 + $1.count } }

    private static func extend(_ ranges: inout [Range<Int>], to end: Int, from start: Int) {
        if let last = ranges.last, last.upperBound == start {
            ranges[ranges.count - 1] = last.lowerBound..<end
        } else {
            ranges.append(start..<end)
        }
    }
}
