// SPDX-License-Identifier: Apache-2.0

extension JSON.Reader {
    /// A string, between its quotes; its characters and escapes are checked.
    struct Text {
        let range: Range<Int>
        /// Whether it has no escapes.
        let isPlain: Bool
    }

    /// Moves past the string at the cursor.
    mutating func text() throws(JSON.DecodingFailure) -> Text {
        let text = try text(from: offset + 1)
        advance(to: text.range.upperBound + 1)
        return text
    }

    private func text(from start: Int) throws(JSON.DecodingFailure) -> Text {
        let span = bytes.span
        var place = start
        var isPlain = true
        while place < span.count {
            switch span[place] {
            case UInt8(ascii: "\""):
                return Text(range: start..<place, isPlain: isPlain)
            case UInt8(ascii: "\\"):
                isPlain = false
                place = try escape(at: place).end
            case 0:
                throw .notUTF8
            case ..<0x20:
                throw failure("a control character in a string", at: place)
            default:
                place += 1
            }
        }
        throw failure("a string without an end", at: start - 1)
    }

    /// - Throws: never for a text that this reader found.
    func string(_ text: Text) throws(JSON.DecodingFailure) -> String {
        do {
            if text.isPlain { return String(copying: try UTF8Span(validating: bytes.span.extracting(text.range))) }
        } catch {
            throw .notUTF8
        }
        var unescaped: [UInt8] = []
        unescaped.reserveCapacity(text.range.count)
        var place = text.range.lowerBound
        while place < text.range.upperBound {
            if bytes[place] == UInt8(ascii: "\\") {
                let escape = try escape(at: place)
                unescaped.append(contentsOf: UTF8.encode(escape.character) ?? UTF8.encodedReplacementCharacter)
                place = escape.end
            } else {
                unescaped.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: unescaped, as: UTF8.self)
    }

    /// The character that the escape at a backslash stands for, and where it ends.
    /// - Throws: also for half of a surrogate pair, which stands for no character.
    private func escape(at start: Int) throws(JSON.DecodingFailure) -> (character: Unicode.Scalar, end: Int) {
        let letter = start + 1 < bytes.count ? bytes[start + 1] : 0
        let character: Unicode.Scalar
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): character = Unicode.Scalar(letter)
        case UInt8(ascii: "b"): character = "\u{8}"
        case UInt8(ascii: "f"): character = "\u{C}"
        case UInt8(ascii: "n"): character = "\n"
        case UInt8(ascii: "r"): character = "\r"
        case UInt8(ascii: "t"): character = "\t"
        case UInt8(ascii: "u"):
            let unit = try codeUnit(at: start)
            if let scalar = Unicode.Scalar(unit) { return (scalar, start + 6) }
            guard UTF16.isLeadSurrogate(unit), start + 7 < bytes.count, bytes[start + 6] == UInt8(ascii: "\\"),
                bytes[start + 7] == UInt8(ascii: "u")
            else { throw failure("half a surrogate pair", at: start) }
            let trail = try codeUnit(at: start + 6)
            guard UTF16.isTrailSurrogate(trail) else { throw failure("half a surrogate pair", at: start) }
            return (UTF16.decode(UTF16.EncodedScalar([unit, trail])), start + 12)
        default:
            throw failure("an escape that is none", at: start)
        }
        return (character, start + 2)
    }

    /// The UTF-16 code unit of `\uXXXX`.
    private func codeUnit(at start: Int) throws(JSON.DecodingFailure) -> UInt16 {
        guard start + 6 <= bytes.count else { throw failure("an escape that is none", at: start) }
        var unit: UInt16 = 0
        for place in start + 2..<start + 6 {
            guard let digit = Hex.value(bytes[place]) else { throw failure("an escape that is none", at: start) }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
