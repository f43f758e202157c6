// SPDX-License-Identifier: Apache-2.0

/// The CRC-32 of IEEE 802.3, as in zip and PNG: finds typing errors, and proves nothing.
package enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    package static func checksum(of bytes: Span<UInt8>) -> UInt32 {
        // Once: a global is checked each time whether it is there already.
        let table = table
        var value = UInt32.max
        for place in bytes.indices {
            value = table[Int(UInt8(truncatingIfNeeded: value) ^ bytes[place])] ^ (value >> 8)
        }
        return ~value
    }
}
