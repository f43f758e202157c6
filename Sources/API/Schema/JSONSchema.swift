// SPDX-License-Identifier: Apache-2.0

import Notation

/// A JSON Schema (2020-12), as used by OpenAPI 3.1.
package struct JSONSchema: Hashable, Sendable {
    package let json: JSON
    /// The named schemas that it refers to, and what those refer to.
    package let components: [String: JSON]

    init(_ json: JSON, components: [String: JSON] = [:]) {
        self.json = json
        self.components = components
    }

    /// A reference to a named schema.
    init(named name: String, _ schema: JSONSchema) {
        json = ["$ref": .string("#/components/schemas/\(name)")]
        components = schema.components.merging([name: schema.json]) { first, _ in first }
    }

    /// The same, also admitting null.
    var orNull: JSONSchema {
        guard var members = json.object, members["enum"] == nil, case .string(let type)? = members["type"] else {
            return JSONSchema(["anyOf": [json, ["type": "null"]]], components: components)
        }
        members["type"] = [.string(type), "null"]
        return JSONSchema(.object(members), components: components)
    }

    /// The same, also admitting the empty text.
    var orEmpty: JSONSchema {
        JSONSchema(["anyOf": [json, ["type": "string", "maxLength": 0]]], components: components)
    }

    /// With further keywords.
    func with(_ keywords: [String: JSON]) -> JSONSchema {
        guard !keywords.isEmpty, let members = json.object else { return self }
        return JSONSchema(.object(members.merging(keywords) { $1 }), components: components)
    }
}
