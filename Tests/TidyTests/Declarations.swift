// SPDX-License-Identifier: Apache-2.0

/// The functions, types and imports of a Swift file, for the tests of sizes and names.
struct Declarations {
    struct Function: Hashable {
        let name: String
        let line: Int
        /// From its `func` or `init` to its closing brace.
        let length: Int
    }

    struct TopLevelType: Hashable {
        let name: String
        let isPrivate: Bool
        /// `@main` or `@Suite`: it is used, although no code names it.
        let isEntry: Bool
    }

    private(set) var functions: [Function] = []
    private(set) var types: [TopLevelType] = []
    /// Every type, nested ones included.
    private(set) var typeNames: [String] = []
    private(set) var imports: [String] = []

    private struct Token {
        let text: String
        let line: Int
    }

    init(_ source: SwiftText) {
        let tokens = Self.tokens(of: source.code)
        readTypes(tokens)
        readFunctions(tokens)
        for line in source.lines {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let keyword = words.firstIndex(of: "import"), keyword < 3, words.count > keyword + 1
            else { continue }
            let module = words.dropFirst(keyword + 1).first {
                !["struct", "class", "enum", "func", "var"].contains($0)
            }
            if let module { imports.append(String(module.prefix { $0 != "." })) }
        }
    }

    /// Words, and each other character alone; a name in backticks is a word.
    private static func tokens(of code: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var line = 1
        var place = 0
        func isWord(_ byte: UInt8) -> Bool {
            let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
            let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            return isLetter || isDigit || byte == UInt8(ascii: "_") || byte > 127
        }
        while place < code.count {
            let start = place
            if code[place] == UInt8(ascii: "\n") { line += 1 }
            place += 1
            if isWord(code[start]) {
                while place < code.count, isWord(code[place]) { place += 1 }
            } else if code[start] == UInt8(ascii: "`") {
                while place < code.count, code[place] != UInt8(ascii: "`") { place += 1 }
                place += 1
            } else if [UInt8(ascii: " "), UInt8(ascii: "\n")].contains(code[start]) {
                continue
            }
            tokens.append(
                Token(
                    text: String(decoding: code[start..<min(place, code.count)], as: UTF8.self), line: line))
        }
        return tokens
    }

    private mutating func readTypes(_ tokens: [Token]) {
        let keywords: Set = ["struct", "class", "enum", "actor", "protocol"]
        var depth = 0
        for (index, token) in tokens.enumerated() {
            switch token.text {
            case "{", "(", "[": depth += 1
            case "}", ")", "]": depth -= 1
            default: break
            }
            guard keywords.contains(token.text), index + 1 < tokens.count else { continue }
            let name = tokens[index + 1].text
            // `import struct` names the type of another module.
            let isDeclared = index == 0 || tokens[index - 1].text != "import"
            guard let first = name.first, first.isUppercase, isDeclared else { continue }
            typeNames.append(name)
            guard depth == 0 else { continue }
            // Its modifiers and attributes come before it, back to the end of the previous declaration.
            var before: Set<String> = []
            for earlier in tokens[..<index].reversed() {
                if earlier.text == "}" || (before.count > 12) { break }
                before.insert(earlier.text)
            }
            types.append(
                TopLevelType(
                    name: name, isPrivate: !before.isDisjoint(with: ["private", "fileprivate"]),
                    isEntry: !before.isDisjoint(with: ["main", "Suite"])))
        }
    }

    private mutating func readFunctions(_ tokens: [Token]) {
        for (index, token) in tokens.enumerated() {
            let isFunction = token.text == "func"
            guard isFunction || token.text == "init", index + 1 < tokens.count else { continue }
            // `.init(…)` and `self.init` call one.
            if !isFunction, index > 0, tokens[index - 1].text == "." { continue }
            let name = isFunction ? tokens[index + 1].text : "init"
            if let end = Self.end(ofFunctionAt: index, tokens) {
                functions.append(
                    Function(name: name, line: token.line, length: tokens[end].line - token.line + 1))
            }
        }
    }

    /// - Returns: the place of its closing brace; nil for a protocol's requirement, which has none.
    private static func end(ofFunctionAt start: Int, _ tokens: [Token]) -> Int? {
        let others: Set = [
            "func", "init", "var", "let", "case", "static", "private", "package", "struct", "enum", "@",
        ]
        var depth = 0
        var hasParameters = false
        var place = start + 1
        while place < tokens.count {
            let text = tokens[place].text
            if text == "(" || text == "[" { depth += 1 }
            if text == ")" || text == "]" {
                depth -= 1
                hasParameters = true
            }
            if depth == 0, hasParameters {
                if text == "{" { break }
                if text == "}" || others.contains(text) { return nil }
            }
            place += 1
        }
        var braces = 0
        while place < tokens.count {
            if tokens[place].text == "{" { braces += 1 }
            if tokens[place].text == "}" { braces -= 1 }
            if braces == 0 { return place }
            place += 1
        }
        return nil
    }
}
