// SPDX-License-Identifier: Apache-2.0

/// Bytes and numbers as hex digits: 32 bytes as 64 of them for a signature or a hash, a UTF-16 code unit as four.
package enum Hex {
    /// Nil for anything but exactly 64 hex digits of either case.
    package static func decode(_ digits: ArraySlice<UInt8>) -> SIMD32<UInt8>? {
        guard digits.count == 2 * SIMD32<UInt8>.scalarCount else { return nil }
        var code = SIMD32<UInt8>()
        var digit = digits.startIndex
        for index in code.indices {
            guard let high = value(digits[digit]), let low = value(digits[digit + 1]) else { return nil }
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

    /// Four digits in lower case, as in `\u001b`.
    package static func text(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }

    /// - Returns: below 16; nil for what is not a hex digit of either case.
    package static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
