// SPDX-License-Identifier: Apache-2.0

/// A `{name}` of a path, as it was sent.
package enum PathParameter {
    /// - Throws: 400 if it does not decode to UTF-8.
    package static func text(_ name: String, _ encoded: String) throws(ProblemDetails) -> String {
        guard encoded.utf8.contains(UInt8(ascii: "%")) else { return encoded }
        guard let decoded = percentDecoded(encoded) else {
            throw .badRequest(detail: "The {\(name)} of the path is not percent-encoded UTF-8.")
        }
        return decoded
    }

    private static func percentDecoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
