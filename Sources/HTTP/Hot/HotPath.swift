// SPDX-License-Identifier: Apache-2.0

/// The path of a hot route, such as `/v1/customers/{customer}/access`: whole segments, at most two of them a `{name}`.
package struct HotPath: Sendable {
    package let template: String
    /// Whether it stands for everything below it too.
    private let isPrefix: Bool
    private let segments: [Segment]

    /// The values of the path's `{…}`, percent-encoded; empty where it has none.
    package struct Parameters: Sendable, Hashable {
        package internal(set) var first = ""
        package internal(set) var second = ""
    }

    private enum Segment: Sendable {
        case literal([UInt8])
        case parameter
    }

    /// - Parameter isPrefix: whether it stands for everything below it too.
    package init(_ template: String, isPrefix: Bool = false) {
        self.template = template
        self.isPrefix = isPrefix
        segments = template.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? .parameter : .literal(Array(segment.utf8))
        }
        precondition(template.utf8.count { $0 == UInt8(ascii: "{") } <= 2, "\(template) has too many parameters")
    }

    /// - Returns: nil if the request's target is another path. As in Hummingbird, empty segments and the query are ignored.
    func match(_ target: String) -> Parameters? {
        let bytes = target.utf8.span
        var place = Self.startOfPath(bytes)
        var (first, second): (Range<Int>?, Range<Int>?)
        for segment in segments {
            place = Self.afterSlashes(bytes, place)
            let start = place
            while place < bytes.count, bytes[place] != UInt8(ascii: "/"), !Self.endsPath(bytes[place]) { place += 1 }
            switch segment {
            case .literal(let literal):
                guard Self.isEqual(bytes, start..<place, literal) else { return nil }
            case .parameter:
                guard place > start else { return nil }
                if first == nil { first = start..<place } else { second = start..<place }
            }
        }
        place = Self.afterSlashes(bytes, place)
        guard isPrefix || place == bytes.count || Self.endsPath(bytes[place]) else { return nil }
        return Parameters(first: Self.text(target, first), second: Self.text(target, second))
    }

    private static func text(_ target: String, _ range: Range<Int>?) -> String {
        guard let range else { return "" }
        let start = target.utf8.index(target.startIndex, offsetBy: range.lowerBound)
        return String(target[start..<target.utf8.index(start, offsetBy: range.count)])
    }

    private static func endsPath(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func afterSlashes(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var place = start
        while place < bytes.count, bytes[place] == UInt8(ascii: "/") { place += 1 }
        return place
    }

    private static func isEqual(_ bytes: Span<UInt8>, _ range: Range<Int>, _ literal: [UInt8]) -> Bool {
        guard range.count == literal.count else { return false }
        for offset in literal.indices where bytes[range.lowerBound + offset] != literal[offset] { return false }
        return true
    }

    /// A target may be a whole URI, `http://host/path`.
    private static func startOfPath(_ bytes: Span<UInt8>) -> Int {
        guard bytes.count > 0, bytes[0] != UInt8(ascii: "/") else { return 0 }
        var place = 0
        while place + 2 < bytes.count {
            if bytes[place] == UInt8(ascii: ":"), bytes[place + 1] == UInt8(ascii: "/"),
                bytes[place + 2] == UInt8(ascii: "/")
            {
                place += 3
                while place < bytes.count, bytes[place] != UInt8(ascii: "/") { place += 1 }
                return place
            }
            place += 1
        }
        return 0
    }
}
