// SPDX-License-Identifier: Apache-2.0

import Notation

/// Checks JSON against JSON Schema, as far as the contract uses it. A keyword that it does not know is a fault.
package struct SchemaValidator: Sendable {
    private let document: JSON

    /// - Parameter document: what references point into.
    package init(_ document: JSON) {
        self.document = document
    }

    /// - Parameter reference: `#/components/schemas/Event`.
    package func resolve(_ reference: String) -> JSON? {
        reference.split(separator: "/").dropFirst().reduce(document as JSON?) { $0?[String($1)] }
    }

    /// - Returns: the first thing that is wrong, and where; nil if the value fits.
    package func fault(of value: JSON, _ schema: JSON, at path: String = "$") -> String? {
        for (keyword, rule) in (schema.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            if let fault = fault(of: value, keyword, rule, schema, path) { return fault }
        }
        return nil
    }

    private func fault(of value: JSON, _ keyword: String, _ rule: JSON, _ schema: JSON, _ path: String) -> String? {
        switch keyword {
        case "$ref":
            guard let target = rule.string.flatMap(resolve) else { return "\(path): \(rule) leads nowhere" }
            return fault(of: value, target, at: path)
        case "allOf":
            return (rule.array ?? []).lazy.compactMap { fault(of: value, $0, at: path) }.first
        case "anyOf":
            let faults = (rule.array ?? []).map { fault(of: value, $0, at: path) }
            return faults.contains(nil) ? nil : "\(path): \(faults.compactMap(\.self))"
        case "not":
            return fault(of: value, rule, at: path) == nil ? "\(path): is what it must not be" : nil
        case "type":
            let types = rule.array ?? [rule]
            return types.contains { isOf($0.string ?? "", value) } ? nil : "\(path): \(value) is not \(rule)"
        case "enum":
            return rule.array?.contains(value) == true ? nil : "\(path): \(value) is none of \(rule)"
        case "const":
            return rule == value ? nil : "\(path): \(value) is not \(rule)"
        case "format", "default", "examples", "description":
            guard rule == "date-time", let text = value.string else { return nil }
            return Timestamp(rfc3339: text) == nil ? "\(path): \(text) is no time" : nil
        case "minimum", "maximum": return number(value, keyword, rule, path)
        case "minLength", "maxLength", "pattern": return text(value, keyword, rule, path)
        default: return structure(value, keyword, rule, schema, path)
        }
    }

    private func isOf(_ type: String, _ value: JSON) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
            ("number", .integer), ("number", .number):
            true
        case ("integer", _): value.integer != nil
        default: false
        }
    }

    private func number(_ value: JSON, _ keyword: String, _ rule: JSON, _ path: String) -> String? {
        guard let number = value.integer, let bound = rule.integer else { return nil }
        let isWithin = keyword == "minimum" ? number >= bound : number <= bound
        return isWithin ? nil : "\(path): \(number) is beyond the \(keyword) \(bound)"
    }

    private func text(_ value: JSON, _ keyword: String, _ rule: JSON, _ path: String) -> String? {
        guard let text = value.string else { return nil }
        let count = Int64(text.unicodeScalars.count)
        let fits =
            switch keyword {
            case "minLength": count >= rule.integer ?? 0
            case "maxLength": count <= rule.integer ?? .max
            default:
                (try? Regex(rule.string ?? "").matchingSemantics(.unicodeScalar).firstMatch(in: text)) ?? nil != nil
            }
        return fits ? nil : "\(path): \(text) does not fit the \(keyword) \(rule)"
    }

    private func structure(
        _ value: JSON,
        _ keyword: String,
        _ rule: JSON,
        _ schema: JSON,
        _ path: String
    ) -> String? {
        switch keyword {
        case "properties":
            return (value.object ?? [:]).sorted { $0.key < $1.key }.lazy.compactMap { name, member in
                rule.object?[name].flatMap { fault(of: member, $0, at: "\(path).\(name)") }
            }.first
        case "required":
            guard let members = value.object else { return nil }
            let missing = (rule.array ?? []).compactMap(\.string).first { members[$0] == nil }
            return missing.map { "\(path).\($0) is missing" }
        case "additionalProperties":
            let known = schema["properties"]?.object ?? [:]
            let patterns = (schema["patternProperties"]?.object ?? [:]).keys
            return (value.object ?? [:]).filter { name, _ in
                known[name] == nil && !patterns.contains { text(.string(name), "pattern", .string($0), path) == nil }
            }.lazy.compactMap { name, member in
                rule == false ? "\(path).\(name) is not documented" : fault(of: member, rule, at: "\(path).\(name)")
            }.first
        case "patternProperties":
            return (rule.object ?? [:]).sorted { $0.key < $1.key }.lazy.flatMap { pattern, rule in
                (value.object ?? [:]).sorted { $0.key < $1.key }.compactMap { name, member in
                    text(.string(name), "pattern", .string(pattern), path) == nil
                        ? fault(of: member, rule, at: "\(path).\(name)") : nil
                }
            }.first
        case "propertyNames":
            return (value.object ?? [:]).keys.sorted().lazy.compactMap { name in
                fault(of: .string(name), rule, at: "\(path), the name \(name)")
            }.first
        case "maxProperties", "maxItems":
            let count = keyword == "maxItems" ? value.array?.count : value.object?.count
            return Int64(count ?? 0) <= rule.integer ?? .max ? nil : "\(path): more than \(rule) members"
        case "minItems":
            return Int64(value.array?.count ?? .max) >= rule.integer ?? 0 ? nil : "\(path): fewer than \(rule) elements"
        case "uniqueItems":
            let elements = value.array ?? []
            return Set(elements.map { String(decoding: $0.bytes, as: UTF8.self) }).count == elements.count
                ? nil : "\(path): has an element twice"
        case "items":
            return (value.array ?? []).enumerated().lazy.compactMap { index, element in
                fault(of: element, rule, at: "\(path)[\(index)]")
            }.first
        default: return "\(path): the keyword \(keyword) is not known here"
        }
    }
}
