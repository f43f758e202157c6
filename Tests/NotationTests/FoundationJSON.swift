// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import Notation

/// JSON read and written by Foundation, to compare our reader and writer with.
enum FoundationJSON {
    /// - Returns: nil if it is not JSON.
    static func decode(_ bytes: [UInt8], depthLimit: Int = JSON.depthLimit) -> JSON? {
        // Foundation would guess the encoding, overflow its stack, or accept what is not JSON.
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var scan = Scan()
        for byte in bytes { scan.take(byte) }
        guard scan.deepest <= depthLimit, !scan.hasTrailingComma else { return nil }
        // Of members with the same key Foundation decodes only the first, and does not check the others.
        guard (try? JSONDecoder().decode(Value.self, from: Data(withUniqueKeys(bytes)))) != nil else { return nil }
        return try? JSONDecoder().decode(Value.self, from: Data(bytes)).json
    }

    static func encode(_ json: JSON, indented: Bool = false) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if indented { encoder.outputFormatting.insert(.prettyPrinted) }
        return [UInt8](try encoder.encode(Value(json: json)))
    }

    private static func withUniqueKeys(_ bytes: [UInt8]) -> [UInt8] {
        var unique: [UInt8] = []
        var scan = Scan()
        for (index, byte) in bytes.enumerated() {
            let wasInString = scan.isInString
            scan.take(byte)
            if wasInString, !scan.isInString, bytes[(index + 1)...].first(where: { !Scan.isSpace($0) }) == 0x3A {
                unique += Array("~\(index)".utf8)
            }
            unique.append(byte)
        }
        return unique
    }

    private struct Value: Codable {
        let json: JSON

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }

            init?(intValue: Int) { nil }
        }

        init(json: JSON) { self.json = json }

        func encode(to encoder: any Encoder) throws {
            switch json {
            case .object(let members):
                var container = encoder.container(keyedBy: Key.self)
                for (key, value) in members { try container.encode(Value(json: value), forKey: Key(stringValue: key)) }
            case .array(let elements):
                var container = encoder.unkeyedContainer()
                for element in elements { try container.encode(Value(json: element)) }
            case .null, .bool, .integer, .number, .string:
                var container = encoder.singleValueContainer()
                switch json {
                case .bool(let value): try container.encode(value)
                case .integer(let value): try container.encode(value)
                case .number(let value): try container.encode(value)
                case .string(let value): try container.encode(value)
                default: try container.encodeNil()
                }
            }
        }

        init(from decoder: any Decoder) throws {
            // A failed attempt is not an error; only the last one's counts.
            if let container = try? decoder.singleValueContainer(), let scalar = Self.scalar(container) {
                json = scalar
            } else if let container = try? decoder.container(keyedBy: Key.self) {
                var members: [String: JSON] = [:]
                for key in container.allKeys {
                    members[key.stringValue] = try container.decode(Value.self, forKey: key).json
                }
                json = .object(members)
            } else {
                var container = try decoder.unkeyedContainer()
                var elements: [JSON] = []
                while !container.isAtEnd { elements.append(try container.decode(Value.self).json) }
                json = .array(elements)
            }
        }

        private static func scalar(_ container: any SingleValueDecodingContainer) -> JSON? {
            if container.decodeNil() { return .null }
            if let value = try? container.decode(String.self) { return .string(value) }
            if let value = try? container.decode(Bool.self) { return .bool(value) }
            if let value = try? container.decode(Int64.self) { return .integer(value) }
            return (try? container.decode(Double.self)).map(JSON.number)
        }
    }

    /// Looks at what is outside of strings.
    private struct Scan {
        private(set) var deepest = 0
        private(set) var hasTrailingComma = false
        private var depth = 0
        private(set) var isInString = false
        private var isEscaped = false
        private var isAfterComma = false

        static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

        mutating func take(_ byte: UInt8) {
            if isInString {
                if !isEscaped, byte == UInt8(ascii: "\"") { isInString = false }
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                return
            }
            if Self.isSpace(byte) { return }
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if isAfterComma { hasTrailingComma = true }
            default:
                break
            }
            isAfterComma = byte == UInt8(ascii: ",")
        }
    }
}
