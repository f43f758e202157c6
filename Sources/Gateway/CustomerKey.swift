// SPDX-License-Identifier: Apache-2.0

/// A customer's id as the cache compares it: the first 24 bytes in three words, enough for every id that Stripe makes.
package struct CustomerKey: Sendable {
    static let inlineBytes = 24

    private let words: (UInt64, UInt64, UInt64)
    /// What follows the inline bytes.
    private let rest: [UInt8]
    private let length: UInt8

    /// Allocates only for ids of more than 24 bytes.
    /// - Parameter id: up to 255 bytes, as `ID.isValid` accepts. Of longer ones the first 255 count.
    init(_ id: Span<UInt8>) {
        length = UInt8(clamping: id.count)
        words = (Self.word(of: id, at: 0), Self.word(of: id, at: 8), Self.word(of: id, at: 16))
        rest = id.count <= Self.inlineBytes ? [] : (Self.inlineBytes..<min(id.count, Int(UInt8.max))).map { id[$0] }
    }

    /// Eight bytes, padded with zeros: `length` distinguishes those from a zero in the id.
    private static func word(of id: Span<UInt8>, at offset: Int) -> UInt64 {
        if offset + 8 <= id.count {
            // In bounds by the line above (and checked again), and any eight bytes are a UInt64.
            return id.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        var word: UInt64 = 0
        var position = id.count
        while position > offset {
            position -= 1
            word = word << 8 | UInt64(id[position])
        }
        return word
    }
}

extension CustomerKey: CacheKey {
    package static func == (lhs: CustomerKey, rhs: CustomerKey) -> Bool {
        lhs.words == rhs.words && lhs.length == rhs.length && (lhs.length <= inlineBytes || lhs.rest == rhs.rest)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(length)
        if length > Self.inlineBytes { hasher.combine(rest) }
    }
}
