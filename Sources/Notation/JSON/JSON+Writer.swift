// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// Compact JSON with sorted keys, so that equal values give equal bytes. A number that is not finite, which no
    /// decoder here makes, is written as `null`.
    package var bytes: [UInt8] {
        var writer = Writer(isIndented: false)
        writer.write(self)
        return writer.bytes
    }

    /// For people, and as Stripe writes its events: a line for each member and element, keys sorted.
    package var indented: String {
        var writer = Writer(isIndented: true)
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private struct Writer {
        let isIndented: Bool
        private(set) var bytes: [UInt8] = []
        private var depth = 0

        init(isIndented: Bool) { self.isIndented = isIndented }

        mutating func write(_ value: JSON) {
            switch value {
            case .null: write("null")
            case .bool(let value): write(value ? "true" : "false")
            case .integer(let value): bytes.append(contentsOf: value.description.utf8)
            case .number(let value): write(value)
            case .string(let value): write(quoted: value)
            case .array(let elements):
                open("[")
                for (index, element) in elements.enumerated() {
                    separate(index)
                    write(element)
                }
                close("]")
            case .object(let members):
                open("{")
                // By their bytes, unlike Swift's order of strings beyond ASCII.
                let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                for (index, member) in sorted.enumerated() {
                    separate(index)
                    write(quoted: member.key)
                    write(isIndented ? " : " : ":")
                    write(member.value)
                }
                close("}")
            }
        }

        private mutating func open(_ bracket: Unicode.Scalar) {
            bytes.append(UInt8(ascii: bracket))
            depth += 1
            if isIndented { bytes.append(UInt8(ascii: "\n")) }
        }

        /// Before the element or member at an index.
        private mutating func separate(_ index: Int) {
            if index > 0 { write(isIndented ? ",\n" : ",") }
            indent()
        }

        private mutating func close(_ bracket: Unicode.Scalar) {
            depth -= 1
            if isIndented { bytes.append(UInt8(ascii: "\n")) }
            indent()
            bytes.append(UInt8(ascii: bracket))
        }

        private mutating func indent() {
            if isIndented { bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth)) }
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
                write("u" + Hex.text(UInt16(byte)))
            default: bytes.append(byte)
            }
        }
    }
}
