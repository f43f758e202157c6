// SPDX-License-Identifier: Apache-2.0

import Notation

@testable import API

/// Complete answers for tests that need only a part of them.
enum Filled {
    /// Required members that are not given are null if allowed, else the simplest value of their type.
    static func object<Content>(_ type: Content.Type, _ members: JSON) throws -> Object<Content> {
        let schema = Content.form.schema
        return try Object(reading: value(members, schema.json, schema.components))
    }

    private static func value(_ given: JSON?, _ schema: JSON, _ components: [String: JSON]) -> JSON {
        if let name = schema["$ref"]?.string?.split(separator: "/").last, let target = components[String(name)] {
            return value(given, target, components)
        }
        let given = given == .null ? nil : given
        if let choices = schema["anyOf"]?.array {
            guard let given else { return .null }
            return choices.first.map { value(given, $0, components) } ?? given
        }
        let types = schema["type"]?.array?.compactMap(\.string) ?? [schema["type"]?.string].compactMap(\.self)
        if given == nil, types.contains("null") || types.isEmpty { return .null }
        switch types.first {
        case "object": return object(given, schema, components)
        case "array":
            return .array((given?.array ?? []).map { value($0, schema["items"] ?? [:], components) })
        case "integer": return given ?? 0
        case "boolean": return given ?? (schema["enum"] == nil ? false : true)
        default: return given ?? (schema["format"] == "date-time" ? "2026-11-26T09:00:00Z" : word(schema))
        }
    }

    private static func object(_ given: JSON?, _ schema: JSON, _ components: [String: JSON]) -> JSON {
        var members = given?.object ?? [:]
        let properties = schema["properties"]?.object ?? [:]
        let required = (schema["required"]?.array ?? []).compactMap(\.string)
        for (name, property) in properties where members[name] != nil || required.contains(name) {
            members[name] = value(members[name], property, components)
        }
        if let rest = schema["additionalProperties"], rest != false {
            members = members.mapValues { value($0, rest, components) }
        }
        return .object(members)
    }

    private static func word(_ schema: JSON) -> JSON {
        schema["enum"]?.array?.first ?? (schema["pattern"] == nil ? "" : "x")
    }
}
