// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

extension HTTPHeaders {
    /// RFC 9110 (5.5): white space around a value is not part of it.
    mutating func trimValues() {
        self = HTTPHeaders(map { ($0.name, $0.value.isPadded ? $0.value.withoutPadding : $0.value) })
    }

    /// The value of a header; if it is repeated, the comma-separated list that HTTP defines. To pick one of the values
    /// would be a guess.
    /// - Parameter name: in lower case.
    package func value(of name: String) -> String? {
        var found: String?
        for (other, value) in self where other.isEqualIgnoringCase(to: name) {
            found = found.map { "\($0), \(value)" } ?? value
        }
        return found
    }
}

extension String {
    /// - Parameter other: ASCII letters and hyphens in lower case.
    package func isEqualIgnoringCase(to other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8) { $0 | 0x20 == $1 }
    }

    /// Whether it begins or ends with what HTTP regards as white space.
    var isPadded: Bool {
        utf8.last.map(Self.isWhiteSpace) ?? false || utf8.first.map(Self.isWhiteSpace) ?? false
    }

    fileprivate var withoutPadding: String {
        var bytes = utf8.drop(while: Self.isWhiteSpace)
        while let last = bytes.last, Self.isWhiteSpace(last) { bytes.removeLast() }
        return String(Substring(bytes))
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
