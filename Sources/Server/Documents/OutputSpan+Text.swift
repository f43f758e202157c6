// SPDX-License-Identifier: Apache-2.0

/// Text into bytes that have room for it, for the hot path.
extension OutputSpan<UInt8> {
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { text in
            for byte in text { append(byte) }
        }
    }

    mutating func append(_ text: Span<UInt8>) {
        for position in text.indices { append(text[position]) }
    }

    /// In decimal: 20 bytes at most.
    mutating func append(_ number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = digits.count
        var rest = number.magnitude
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for position in start..<digits.count { append(digits[position]) }
    }
}
