// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// Compact JSON with sorted keys, so that equal values give equal bytes. A number that is not finite, which no
    /// decoder here makes, is written as `null`.
    package var bytes: [UInt8] {
        var writer = Writer()
        writer.write(self)
        return writer.bytes
    }

    private struct Writer {
        private(set) var bytes: [UInt8] = []

        mutating func write(_ value: JSON) {
            switch value {
            case .null: write("null")
            case .bool(let value): write(value ? "true" : "false")
            case .integer(let value): bytes.append(contentsOf: value.description.utf8)
            case .number(let value): write(value)
            case .string(let value): write(quoted: value)
            case .array(let elements):
                bytes.append(UInt8(ascii: "["))
                for (index, element) in elements.enumerated() {
                    if index > 0 { bytes.append(UInt8(ascii: ",")) }
                    write(element)
                }
                bytes.append(UInt8(ascii: "]"))
            case .object(let members):
                bytes.append(UInt8(ascii: "{"))
                // By their bytes, unlike Swift's order of strings beyond ASCII.
                let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                for (index, member) in sorted.enumerated() {
                    if index > 0 { bytes.append(UInt8(ascii: ",")) }
                    write(quoted: member.key)
                    bytes.append(UInt8(ascii: ":"))
                    write(member.value)
                }
                bytes.append(UInt8(ascii: "}"))
            }
        }

        private mutating func write(_ word: String) { bytes.append(contentsOf: word.utf8) }

        /// The shortest digits that read back as the same number; a whole one without `.0`.
        private mutating func write(_ number: Double) {
            guard number.isFinite else { return write("null") }
            let text = number.description
            write(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
        }

        private mutating func write(quoted text: String) {
            bytes.append(UInt8(ascii: "\""))
            let mark = bytes.count
            bytes.append(contentsOf: text.utf8)
            // Few texts need escapes; those are written again.
            if bytes[mark...].contains(where: Self.needsEscape) {
                bytes.removeSubrange(mark...)
                for byte in text.utf8 { write(escaped: byte) }
            }
            bytes.append(UInt8(ascii: "\""))
        }

        private static func needsEscape(_ byte: UInt8) -> Bool {
            byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
        }

        private mutating func write(escaped byte: UInt8) {
            guard Self.needsEscape(byte) else { return bytes.append(byte) }
            bytes.append(UInt8(ascii: "\\"))
            switch byte {
            case 0x08: bytes.append(UInt8(ascii: "b"))
            case 0x09: bytes.append(UInt8(ascii: "t"))
            case 0x0A: bytes.append(UInt8(ascii: "n"))
            case 0x0C: bytes.append(UInt8(ascii: "f"))
            case 0x0D: bytes.append(UInt8(ascii: "r"))
            case ..<0x20:
                write("u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))")
            default: bytes.append(byte)
            }
        }
    }
}
