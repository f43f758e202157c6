// SPDX-License-Identifier: Apache-2.0

/// Bytes as `%3F`, as paths and queries carry them. Source: RFC 3986, section 2
package enum PercentEncoding {
    /// One segment of a path, or one value of a query: all but letters, digits and `-_.~` is escaped.
    package static func segment(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) { encoded.append(byte) } else { append(byte, to: &encoded) }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Every byte escaped, for a text that would mean something as it is: `..`.
    package static func everyByte(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 { append(byte, to: &encoded) }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// - Returns: nil if a `%` is not followed by two hex digits, or the bytes are not UTF-8.
    package static func decode(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hex.value), let low = rest.popFirst().flatMap(Hex.value) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to encoded: inout [UInt8]) {
        encoded.append(UInt8(ascii: "%"))
        for nibble in [byte >> 4, byte & 15] {
            let digit = Hex.digit(nibble)
            // In upper case, which is the normal form here.
            encoded.append(digit < UInt8(ascii: "a") ? digit : digit & ~0x20)
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
