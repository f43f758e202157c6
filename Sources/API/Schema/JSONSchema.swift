// SPDX-License-Identifier: Apache-2.0

import Notation

/// A JSON Schema (2020-12), as used by OpenAPI 3.1. Made when it is asked for: every process declares the whole contract
/// when it starts, and few print it.
package struct JSONSchema: Sendable {
    private let makeJSON: @Sendable () -> JSON
    private let makeComponents: @Sendable () -> [String: JSON]

    package var json: JSON { makeJSON() }

    /// The named schemas that it refers to, and what those refer to.
    package var components: [String: JSON] { makeComponents() }

    init(
        _ json: @autoclosure @escaping @Sendable () -> JSON,
        components: @autoclosure @escaping @Sendable () -> [String: JSON] = [:]
    ) {
        makeJSON = json
        makeComponents = components
    }

    /// A reference to a named schema.
    init(named name: String, _ schema: JSONSchema) {
        self.init(
            ["$ref": .string("#/components/schemas/\(name)")],
            components: schema.components.merging([name: schema.json]) { first, _ in first })
    }

    /// The same, also admitting null.
    var orNull: JSONSchema { changed(Self.orNull) }

    /// The same, also admitting the empty text.
    var orEmpty: JSONSchema { changed { ["anyOf": [$0, ["type": "string", "maxLength": 0]]] } }

    /// With further keywords.
    func with(_ keywords: [String: JSON]) -> JSONSchema {
        guard !keywords.isEmpty else { return self }
        return changed { json in json.object.map { .object($0.merging(keywords) { $1 }) } ?? json }
    }

    private func changed(_ change: @escaping @Sendable (JSON) -> JSON) -> JSONSchema {
        JSONSchema(change(json), components: components)
    }

    private static func orNull(_ json: JSON) -> JSON {
        guard var members = json.object, members["enum"] == nil, case .string(let type)? = members["type"] else {
            return ["anyOf": [json, ["type": "null"]]]
        }
        members["type"] = [.string(type), "null"]
        return .object(members)
    }
}
