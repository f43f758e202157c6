// SPDX-License-Identifier: Apache-2.0

/// A decoded JSON value. This is the decoder of record: what is read here is what Tollgate believes, and nothing else
/// ever parses the payload (two parsers can disagree on duplicate keys).
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Fractions, and whole numbers beyond 64 bits.
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// The value of a key of an object; nil if this is not an object, has no such key, or the key is null.
    package subscript(_ key: String) -> JSON? {
        guard case .object(let members) = self, let value = members[key], value != .null else { return nil }
        return value
    }

    package subscript(_ index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// Follows keys separated by dots: `json.at("data.object.id")`.
    package func at(_ path: String) -> JSON? {
        path.split(separator: ".").reduce(self as JSON?) { value, key in value?[String(key)] }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        default: nil
        }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var object: [String: JSON]? {
        if case .object(let value) = self { value } else { nil }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }

    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
