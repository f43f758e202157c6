// SPDX-License-Identifier: Apache-2.0

/// Which forms of an answer a client takes (RFC 9110, section 12.5.1).
package struct AcceptHeader: Sendable {
    private struct Range {
        let type: Substring
        let subtype: Substring
        /// From 0, which is never, to 1.
        let quality: Double

        /// How closely it names a media type: 2 by both of its parts, 0 by none; nil if it does not.
        func closeness(to offer: (type: Substring, subtype: Substring)) -> Int? {
            if type == "*" { return subtype == "*" ? 0 : nil }
            guard type == offer.type else { return nil }
            return subtype == "*" ? 1 : subtype == offer.subtype ? 2 : nil
        }
    }

    private let ranges: [Range]

    /// - Parameter text: nil, or without anything that can be read, for a client that takes all.
    package init(_ text: String?) {
        ranges = (text ?? "").lowercased().split(separator: ",").compactMap(Self.range)
    }

    /// - Parameter offers: media types in lower case; of several that the client likes as well, the first is preferred.
    /// - Returns: nil if it takes none of them.
    package func preferred(of offers: [String]) -> String? {
        var best: (offer: String, quality: Double)?
        for offer in offers {
            let quality = quality(of: offer)
            if quality > best?.quality ?? 0 { best = (offer, quality) }
        }
        return best?.offer
    }

    /// That of the range that names it most closely.
    private func quality(of offer: String) -> Double {
        if ranges.isEmpty { return 1 }
        guard let type = Self.parts(offer[...]) else { return 0 }
        let matches = ranges.compactMap { range in range.closeness(to: type).map { ($0, range.quality) } }
        return matches.max { $0.0 < $1.0 }?.1 ?? 0
    }

    private static func range(_ text: Substring) -> Range? {
        let parameters = text.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
        guard let parts = parameters.first.flatMap(parts) else { return nil }
        guard let weight = parameters.dropFirst().first(where: { $0.hasPrefix("q=") })?.dropFirst(2) else {
            return Range(type: parts.type, subtype: parts.subtype, quality: 1)
        }
        guard let quality = Double(weight), 0...1 ~= quality else { return nil }
        return Range(type: parts.type, subtype: parts.subtype, quality: quality)
    }

    private static func parts(_ text: Substring) -> (type: Substring, subtype: Substring)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(trimmed)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return (parts[0], parts[1])
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = text.drop(while: isSpace)
        return start.prefix(start.count - start.reversed().prefix(while: isSpace).count)
    }
}
