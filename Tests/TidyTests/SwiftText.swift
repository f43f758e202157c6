// SPDX-License-Identifier: Apache-2.0

/// The text of a Swift file, parsed without a compiler: enough to find declarations, names and literals.
struct SwiftText {
    /// The file with comments and string literals blanked, byte for byte; line breaks stay.
    private(set) var code: [UInt8]
    /// The texts between quotes, without interpolations.
    private(set) var literals: [String] = []

    private var place = 0

    init(_ text: String) {
        code = Array(text.utf8)
        while place < code.count {
            switch code[place] {
            case UInt8(ascii: "/") where starts("//"): blankLine()
            case UInt8(ascii: "/") where starts("/*"): blankComment()
            case UInt8(ascii: "#"), UInt8(ascii: "\""):
                if let hashes = quote { blankLiteral(hashes) } else { place += 1 }
            default: place += 1
            }
        }
    }

    var lines: [Substring] {
        String(decoding: code, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Every word of the code.
    var names: Set<String> {
        let words = code.split { byte in
            let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
            let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            return !isLetter && !isDigit && byte != UInt8(ascii: "_") && byte < 128
        }
        return Set(words.map { String(decoding: $0, as: UTF8.self) })
    }

    private func starts(_ text: StaticString, at offset: Int = 0) -> Bool {
        text.withUTF8Buffer { bytes in
            let start = place + offset
            return start + bytes.count <= code.count
                && code[start..<start + bytes.count].elementsEqual(bytes)
        }
    }

    /// How many `#` come before the quote that begins here; nil if none begins.
    private var quote: Int? {
        var end = place
        while end < code.count, code[end] == UInt8(ascii: "#") { end += 1 }
        return end < code.count && code[end] == UInt8(ascii: "\"") ? end - place : nil
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<min(count, code.count - place) {
            if code[place] != UInt8(ascii: "\n") { code[place] = UInt8(ascii: " ") }
            place += 1
        }
    }

    private mutating func blankLine() {
        while place < code.count, code[place] != UInt8(ascii: "\n") {
            code[place] = UInt8(ascii: " ")
            place += 1
        }
    }

    private mutating func blankComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                blank(2)
            } else if starts("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && place < code.count
    }

    private mutating func blankLiteral(_ hashes: Int) {
        blank(hashes)
        let quotes = starts("\"\"\"") ? 3 : 1
        blank(quotes)
        var literal: [UInt8] = []
        while place < code.count {
            switch code[place] {
            case UInt8(ascii: "\"") where closes(quotes, hashes):
                blank(quotes + hashes)
                literals.append(String(decoding: literal, as: UTF8.self))
                return
            case UInt8(ascii: "\\") where isFollowed(by: hashes):
                blank(1 + hashes)
                if starts("(") { blankInterpolation() } else { blank(1) }
            default:
                literal.append(code[place])
                blank(1)
            }
        }
    }

    private func closes(_ quotes: Int, _ hashes: Int) -> Bool {
        let end = place + quotes + hashes
        guard end <= code.count else { return false }
        return code[place..<place + quotes].allSatisfy { $0 == UInt8(ascii: "\"") }
            && code[place + quotes..<end].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    private func isFollowed(by hashes: Int) -> Bool {
        place + hashes < code.count
            && code[place + 1..<place + 1 + hashes].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    private mutating func blankInterpolation() {
        var depth = 0
        repeat {
            if let hashes = quote {
                blankLiteral(hashes)
                continue
            }
            if starts("(") { depth += 1 }
            if starts(")") { depth -= 1 }
            blank(1)
        } while depth > 0 && place < code.count
    }
}
