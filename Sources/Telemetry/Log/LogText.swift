// SPDX-License-Identifier: Apache-2.0

import Logging
import Notation

/// How values are written into a log line so that none can break out of its place: bounded, redacted, escaped.
enum LogText {
    /// In Unicode scalars.
    static let messageLimit = 4096
    static let valueLimit = 1024

    /// For a list or a dictionary.
    private static let elementLimit = 64
    private static let depthLimit = 4

    /// Bare if it is a single word, else quoted.
    static func text(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let string): word(string)
        case .stringConvertible(let convertible): word(convertible.description)
        case .array, .dictionary: json(value)
        }
    }

    static func json(_ value: Logger.MetadataValue, depth: Int = 0) -> String {
        switch value {
        case .string(let string): quote(bounded(string))
        case .stringConvertible(let number as any BinaryInteger): "\(number)"
        case .stringConvertible(let flag as Bool): "\(flag)"
        case .stringConvertible(let convertible): quote(bounded(convertible.description))
        case .array(let elements): depth < depthLimit ? list(elements, depth: depth + 1) : quote("…")
        case .dictionary(let members): depth < depthLimit ? object(members, depth: depth + 1) : quote("…")
        }
    }

    private static func list(_ elements: [Logger.MetadataValue], depth: Int) -> String {
        var texts = elements.prefix(elementLimit).map { json($0, depth: depth) }
        if elements.count > elementLimit { texts.append(quote("… \(elements.count - elementLimit) more")) }
        return "[\(texts.joined(separator: ","))]"
    }

    private static func object(_ members: Logger.Metadata, depth: Int) -> String {
        let sorted = members.sorted { $0.key < $1.key }
        var texts = sorted.prefix(elementLimit).map { key, value in
            let text = LogRedaction.isTelling(key) ? quote(LogRedaction.mask) : json(value, depth: depth)
            return "\(quote(bounded(key))):\(text)"
        }
        if sorted.count > elementLimit { texts.append("\"…\":\(sorted.count - elementLimit)") }
        return "{\(texts.joined(separator: ","))}"
    }

    /// Bare if nothing in it could be mistaken for the line's own syntax.
    static func word(_ value: String) -> String {
        let value = bounded(value)
        let isBare = value.unicodeScalars.allSatisfy { scalar in
            !isEscaped(scalar) && !scalar.properties.isWhitespace && scalar != "\"" && scalar != "\\" && scalar != "="
        }
        return isBare && !value.isEmpty ? value : quote(value)
    }

    /// A JSON string.
    static func quote(_ value: String) -> String {
        "\"\(escape(value, isQuoted: true))\""
    }

    /// Everything that would start a line, move the cursor or reverse the reading order, as in JSON strings.
    static func escape(_ value: String, isQuoted: Bool = false) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\n": escaped += #"\n"#
            case "\r": escaped += #"\r"#
            case "\t": escaped += #"\t"#
            case "\"" where isQuoted: escaped += #"\""#
            case "\\" where isQuoted: escaped += #"\\"#
            case _ where isEscaped(scalar):
                // Below 0x10000, as all that are escaped.
                escaped += #"\u"# + Hex.text(UInt16(scalar.value))
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func bounded(_ value: String) -> String {
        LogRedaction.clean(value, limit: valueLimit)
    }

    /// Controls, line and paragraph separators, text direction marks, the byte-order mark: all below U+10000.
    private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
