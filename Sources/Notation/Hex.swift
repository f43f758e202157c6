// SPDX-License-Identifier: Apache-2.0

/// 32 bytes, written as 64 hex digits: a signature, a hash.
package enum Hex {
    /// Nil for anything but exactly 64 hex digits of either case.
    package static func decode(_ digits: ArraySlice<UInt8>) -> SIMD32<UInt8>? {
        guard digits.count == 2 * SIMD32<UInt8>.scalarCount else { return nil }
        var code = SIMD32<UInt8>()
        var digit = digits.startIndex
        for index in code.indices {
            guard let high = nibble(digits[digit]), let low = nibble(digits[digit + 1]) else { return nil }
            code[index] = high << 4 | low
            digit += 2
        }
        return code
    }

    /// In lower case, as Stripe writes it.
    package static func encode(_ code: SIMD32<UInt8>) -> String {
        let bytes = code.indices.flatMap { [digit(code[$0] >> 4), digit(code[$0] & 15)] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Parameter nibble: below 16.
    package static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
