/// The path of a direct route, such as `/v1/customers/{customer}/access`: whole segments, of which one may be a `{name}`.
struct DirectPath: Sendable {
    let template: String
    private let segments: [Segment]

    private enum Segment: Sendable {
        case literal([UInt8])
        case parameter
    }

    init(_ template: String) {
        self.template = template
        segments = template.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? .parameter : .literal(Array(segment.utf8))
        }
    }

    /// What stands in the place of `{name}`, percent-encoded, or an empty text where there is none; nil where the target
    /// of the request is another path. As Hummingbird has it, empty segments and the query do not count.
    func match(_ target: String) -> String? {
        var bytes = target.utf8[...]
        if bytes.first != UInt8(ascii: "/") { bytes = Self.afterAuthority(bytes) }
        var parameter: Substring.UTF8View?
        for segment in segments {
            bytes = bytes.drop { $0 == UInt8(ascii: "/") }
            let end = bytes.firstIndex { $0 == UInt8(ascii: "/") || Self.endsPath($0) } ?? bytes.endIndex
            switch segment {
            case .literal(let literal):
                guard bytes[..<end].elementsEqual(literal) else { return nil }
            case .parameter:
                guard end > bytes.startIndex else { return nil }
                parameter = bytes[..<end]
            }
            bytes = bytes[end...]
        }
        let rest = bytes.drop { $0 == UInt8(ascii: "/") }
        guard rest.first.map(Self.endsPath) ?? true else { return nil }
        return parameter.map { String(Substring($0)) } ?? ""
    }

    private static func endsPath(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    /// A target may be a whole URI, `http://host/path`.
    private static func afterAuthority(_ target: Substring.UTF8View) -> Substring.UTF8View {
        let text = Substring(target)
        guard let scheme = text.range(of: "://") else { return target }
        return text[scheme.upperBound...].drop { $0 != "/" }.utf8
    }
}

extension Substring {
    fileprivate func range(of text: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(text) }.map { $0..<index($0, offsetBy: text.count) }
    }
}
