// SPDX-License-Identifier: Apache-2.0

/// The path of a hot route, such as `/v1/customers/{customer}/access`: whole segments, at most one of them a `{name}`.
package struct HotPath: Sendable {
    package let template: String
    /// Whether it stands for everything below it too.
    private let isPrefix: Bool
    private let segments: [Segment]

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
    }

    /// The value of `{name}`, percent-encoded, or an empty string if the path has none; nil if the request's target is
    /// another path. As in Hummingbird, empty segments and the query are ignored.
    func match(_ target: String) -> String? {
        let bytes = target.utf8.span
        var place = Self.startOfPath(bytes)
        var parameter = 0..<0
        for segment in segments {
            place = Self.afterSlashes(bytes, place)
            let start = place
            while place < bytes.count, bytes[place] != UInt8(ascii: "/"), !Self.endsPath(bytes[place]) { place += 1 }
            switch segment {
            case .literal(let literal):
                guard Self.isEqual(bytes, start..<place, literal) else { return nil }
            case .parameter:
                guard place > start else { return nil }
                parameter = start..<place
            }
        }
        place = Self.afterSlashes(bytes, place)
        guard isPrefix || place == bytes.count || Self.endsPath(bytes[place]) else { return nil }
        let start = target.utf8.index(target.startIndex, offsetBy: parameter.lowerBound)
        return String(target[start..<target.utf8.index(start, offsetBy: parameter.count)])
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
