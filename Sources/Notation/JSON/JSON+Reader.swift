// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// A cursor over one document. There is one grammar, RFC 8259's, whether values are built or the document is only
    /// checked. All bytes are validated as UTF-8 first; after that, the first fault in their order is reported.
    struct Reader {
        /// Known to be UTF-8.
        let bytes: [UInt8]
        private let depthLimit: Int
        /// Has an effect only if a document is merely checked, or read in full.
        private let keysAreUnique: Bool
        private(set) var offset = 0
        private var depth = 0

        /// - Parameter depthLimit: levels of lists and objects; recursion goes no deeper.
        init(
            _ bytes: some Collection<UInt8>,
            depthLimit: Int,
            keysAreUnique: Bool = false
        ) throws(DecodingFailure) {
            self.bytes = Array(bytes)  // An array is taken as it is, contiguous storage copied at once.
            self.depthLimit = depthLimit
            self.keysAreUnique = keysAreUnique
            do {
                _ = try UTF8Span(validating: self.bytes.span)
            } catch {
                throw .notUTF8
            }
        }

        /// Reads the whole document.
        /// - Throws: also if something follows it.
        mutating func document(_ selection: Selection) throws(DecodingFailure) -> JSON {
            skipByteOrderMark()
            let value = try value(selection)
            try end()
            return value
        }

        /// Checks the whole document and builds no value.
        mutating func check() throws(DecodingFailure) {
            skipByteOrderMark()
            try skip()
            try end()
        }

        private mutating func value(_ selection: Selection) throws(DecodingFailure) -> JSON {
            switch try token() {
            case .null: return .null
            case .bool(let value): return .bool(value)
            case .number(let number): return try value(of: number)
            case .text(let text): return .string(try string(text))
            case .list:
                guard case .everything = selection else {
                    try skipList()
                    return .array([])
                }
                return .array(try elements())
            case .object:
                guard case .only(let parts) = selection else { return .object(try members()) }
                return .object(try members(parts))
            }
        }

        private mutating func elements() throws(DecodingFailure) -> [JSON] {
            var elements: [JSON] = []
            var isFirst = true
            while try step(&isFirst, to: UInt8(ascii: "]")) { elements.append(try value(.everything)) }
            return elements
        }

        private mutating func members() throws(DecodingFailure) -> [String: JSON] {
            // Collect them all first, so that the dictionary is created at its final size.
            var pairs: [(String, JSON)] = []
            var isFirst = true
            var keys: Set<String> = []
            while try step(&isFirst, to: UInt8(ascii: "}")) {
                let key = try string(try key())
                if keysAreUnique, !keys.insert(key).inserted { throw .duplicateKey(key) }
                pairs.append((key, try value(.everything)))
            }
            // Of several members with the same key, the first counts.
            return Dictionary(pairs) { first, _ in first }
        }

        private mutating func members(_ parts: [Selection.Part]) throws(DecodingFailure) -> [String: JSON] {
            var members: [String: JSON] = [:]
            var isFirst = true
            while try step(&isFirst, to: UInt8(ascii: "}")) {
                let key = try key()
                var index = 0
                while index < parts.count, try !matches(key, parts[index]) { index += 1 }
                if index < parts.count, members[parts[index].key] == nil {
                    members[parts[index].key] = try value(parts[index].selection)
                } else {
                    try skip()
                }
            }
            return members
        }

        private mutating func skip() throws(DecodingFailure) {
            switch try token() {
            case .null, .bool, .text: break
            case .number(let number): try check(number)
            case .list: try skipList()
            case .object:
                var isFirst = true
                var keys: Set<String> = []
                while try step(&isFirst, to: UInt8(ascii: "}")) {
                    let text = try key()
                    if keysAreUnique {
                        // Unescaped, so that an escaped key is recognised.
                        let key = try string(text)
                        guard keys.insert(key).inserted else { throw .duplicateKey(key) }
                    }
                    try skip()
                }
            }
        }

        private mutating func skipList() throws(DecodingFailure) {
            var isFirst = true
            while try step(&isFirst, to: UInt8(ascii: "]")) { try skip() }
        }

        /// Compares bytes if there are no escapes: no other text is canonically equivalent to the selected keys.
        private func matches(_ text: Text, _ part: Selection.Part) throws(DecodingFailure) -> Bool {
            guard text.isPlain else { return try string(text) == part.key }
            guard text.range.count == part.bytes.count else { return false }
            for index in part.bytes.indices where bytes[text.range.lowerBound + index] != part.bytes[index] {
                return false
            }
            return true
        }
    }
}

extension JSON.Reader {
    /// A scalar, or the start of a list or object.
    private enum Token {
        case null
        case bool(Bool)
        case number(Number)
        case text(Text)
        case list
        case object
    }

    private mutating func token() throws(JSON.DecodingFailure) -> Token {
        skipWhitespace()
        switch current {
        case UInt8(ascii: "\""):
            return .text(try text())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try number())
        case UInt8(ascii: "{"):
            try open()
            return .object
        case UInt8(ascii: "["):
            try open()
            return .list
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        default:
            throw unexpected("a value")
        }
    }

    private mutating func open() throws(JSON.DecodingFailure) {
        guard depth < depthLimit else { throw .tooDeep(limit: depthLimit) }
        depth += 1
        offset += 1
    }

    /// Moves to the next item of a list or object, past the comma; false at its end, past the bracket.
    private mutating func step(_ isFirst: inout Bool, to bracket: UInt8) throws(JSON.DecodingFailure) -> Bool {
        skipWhitespace()
        if current == bracket {
            depth -= 1
            offset += 1
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard current == UInt8(ascii: ",") else { throw unexpected("a comma or the end of a list or object") }
        offset += 1
        skipWhitespace()
        guard current != bracket else { throw failure("a comma stands before a closing bracket") }
        return true
    }

    /// Reads a member's key, and moves past the colon.
    private mutating func key() throws(JSON.DecodingFailure) -> Text {
        guard current == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
        let key = try text()
        skipWhitespace()
        guard current == UInt8(ascii: ":") else { throw unexpected("a colon") }
        offset += 1
        return key
    }

    private mutating func literal(_ word: String) throws(JSON.DecodingFailure) {
        for expected in word.utf8 {
            guard current == expected else { throw unexpected("`\(word)`") }
            offset += 1
        }
    }

    private mutating func end() throws(JSON.DecodingFailure) {
        skipWhitespace()
        guard offset == bytes.count else { throw unexpected("the end") }
    }

    private mutating func skipWhitespace() { offset = endOfWhitespace() }

    private func endOfWhitespace() -> Int {
        let span = bytes.span
        var place = offset
        while place < span.count {
            switch span[place] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): place += 1
            default: return place
            }
        }
        return place
    }

    /// RFC 8259 allows ignoring it, which Tollgate has always done.
    private mutating func skipByteOrderMark() {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { offset = 3 }
    }

    /// The byte at the cursor; at the end NUL, which no JSON contains.
    var current: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    mutating func advance(to place: Int) { offset = place }

    func failure(_ reason: String, at place: Int? = nil) -> JSON.DecodingFailure {
        .notJSON("\(reason) at byte \(place ?? offset)")
    }

    /// The failure if something else is at the cursor.
    func unexpected(_ expected: String) -> JSON.DecodingFailure {
        guard offset < bytes.count else { return failure("it ends before \(expected)") }
        // A NUL byte, as in UTF-16 and UTF-32.
        return bytes[offset] == 0 ? .notUTF8 : failure("\(expected) is missing")
    }
}
