// SPDX-License-Identifier: Apache-2.0

import Notation

/// The properties of an object, found once, with the name of its schema.
package struct ObjectForm<Content: ObjectContent>: Sendable {
    package let name: String
    package let content: Content
    package let properties: [any AnyProperty]
    /// What the properties alone cannot say.
    private let keywords: [String: JSON]

    /// - Parameter keywords: further keywords of the schema; whoever reads the object sees to them.
    init(_ name: String, _ content: Content, keywords: [String: JSON] = [:]) {
        self.name = name
        self.content = content
        self.keywords = keywords
        properties = Mirror(reflecting: content).children.map { child in
            // A content type with anything else fails its first test.
            guard let property = child.value as? any AnyProperty else {
                preconditionFailure("\(name).\(child.label ?? "?") is no property")
            }
            return property
        }
    }

    package var names: Set<String> { Set(properties.map(\.name)) }

    /// Closed: what has no property here is not sent, and is refused when we read it.
    package var schema: JSONSchema {
        JSONSchema(named: name, JSONSchema(members, components: components))
    }

    private var members: JSON {
        let required = properties.filter(\.isRequired).map { JSON.string($0.name) }
        let members = Dictionary(properties.map { ($0.name, $0.schema.json) }) { _, last in last }
        var schema: [String: JSON] = [
            "type": "object", "properties": .object(members), "additionalProperties": false,
        ]
        if !required.isEmpty { schema["required"] = .array(required) }
        return .object(schema.merging(keywords) { given, _ in given })
    }

    private var components: [String: JSON] {
        properties.reduce(into: [:]) { all, property in all.merge(property.schema.components) { first, _ in first } }
    }
}
