// SPDX-License-Identifier: Apache-2.0

import Notation

/// The contract as OpenAPI 3.1: both listeners, each path with its `servers`.
package struct OpenAPIDocument: Sendable {
    private let version: String
    private let endpoints: [Endpoint]
    private let sides: Set<Endpoint.Side>

    /// - Parameter sides: the listeners that the process has.
    package init(
        version: String,
        endpoints: [Endpoint] = Contract.endpoints,
        sides: Set<Endpoint.Side> = Set(Endpoint.Side.allCases)
    ) {
        self.version = version
        self.endpoints = endpoints
        self.sides = sides
    }

    package var json: JSON {
        var schemas = Self.problemSchemas
        var paths: [String: JSON] = [:]
        for (path, group) in Dictionary(grouping: endpoints, by: \.path) {
            let sides = group.reduce(into: Set()) { $0.formUnion($1.sides) }.intersection(sides)
            var item: [String: JSON] = ["servers": Self.servers(sides)]
            for endpoint in group {
                item[endpoint.method.rawValue.lowercased()] = operation(endpoint)
                for schema in endpoint.answers.compactMap(\.schema) + [endpoint.body].compactMap(\.self) {
                    schemas.merge(schema.components) { first, _ in first }
                }
            }
            paths[path] = .object(item)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Tollgate", "version": .string(version),
                "description": "A Stripe webhook receiver and access-flag service.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "paths": .object(paths),
            "components": [
                "schemas": .object(schemas),
                "responses": .object(commonResponses),
                "securitySchemes": Self.securitySchemes,
            ],
        ]
    }

    // MARK: Parts

    private static func servers(_ sides: Set<Endpoint.Side>) -> JSON {
        .array(
            Endpoint.Side.allCases.filter(sides.contains).map { side in
                switch side {
                case .public:
                    ["url": "http://127.0.0.1:8080", "description": "The public listener, TOLLGATE_PUBLIC_ADDRESS."]
                case .private:
                    ["url": "http://127.0.0.1:8081", "description": "The private listener, TOLLGATE_PRIVATE_ADDRESS."]
                }
            })
    }

    private func operation(_ endpoint: Endpoint) -> JSON {
        var operation: [String: JSON] = [
            "operationId": .string(endpoint.id), "summary": .string(endpoint.summary),
            "security": Self.security(endpoint.caller), "responses": responses(endpoint),
        ]
        if !endpoint.parameters.isEmpty { operation["parameters"] = .array(endpoint.parameters.map(Self.parameter)) }
        if let body = endpoint.body {
            var request: [String: JSON] = [
                "required": true, "content": ["application/json": ["schema": body.json]],
            ]
            request["description"] = endpoint.bodyDescription.map(JSON.string)
            operation["requestBody"] = .object(request)
        }
        return .object(operation)
    }

    private static let securitySchemes: JSON = [
        "gateway": ["type": "http", "scheme": "bearer", "description": "TOLLGATE_GATEWAY_TOKEN"],
        "admin": ["type": "http", "scheme": "bearer", "description": "TOLLGATE_ADMIN_TOKEN"],
        "client": ["type": "http", "scheme": "bearer", "description": "The API key of a gateway's client."],
        "clientKey": [
            "type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "The API key of a gateway's client.",
        ],
        "gatewayToken": [
            "type": "apiKey", "in": "header", "name": "Tollgate-Gateway-Token",
            "description": "TOLLGATE_GATEWAY_TOKEN; not needed with TOLLGATE_AUTHORIZE_OPEN.",
        ],
    ]

    private static func security(_ caller: Endpoint.Caller) -> JSON {
        switch caller {
        case .anybody: []
        case .gateway: [["gateway": []]]
        case .admin: [["admin": []]]
        // Any one of these.
        case .client:
            [
                ["client": [], "gatewayToken": []], ["clientKey": [], "gatewayToken": []],
                ["clientKey": [], "gateway": []],
            ]
        }
    }

    private static func parameter(_ property: any AnyProperty) -> JSON {
        [
            "name": .string(property.name), "in": .string(property.place.rawValue),
            "required": .bool(property.isRequired), "schema": property.schema.json,
        ]
    }

    private func responses(_ endpoint: Endpoint) -> JSON {
        var responses: [String: JSON] = [:]
        for (status, codes) in Dictionary(grouping: endpoint.problems, by: \.status) {
            let sorted = codes.sorted { $0.rawValue < $1.rawValue }
            responses[String(status)] = Self.response(sorted, headers: endpoint.answerHeaders[status] ?? [])
        }
        for (place, answer) in endpoint.answers.enumerated()
        where !endpoint.answers[..<place].contains(where: { $0.status == answer.status }) {
            let status = String(answer.status)
            var content: [String: JSON] = [:]
            // Answers and problems with the same status are distinguished by their media types.
            for other in endpoint.answers where other.status == answer.status {
                if let schema = other.schema { content[other.mediaType] = ["schema": schema.json] }
            }
            if let problems = endpoint.problems.filter({ $0.status == answer.status }).nonEmpty {
                content[Self.problemType] = [
                    "schema": Self.problemSchema(problems.sorted { $0.rawValue < $1.rawValue })
                ]
            }
            var response: [String: JSON] = [
                "description": .string(answer.description), "content": .object(content),
            ]
            if let names = endpoint.answerHeaders[answer.status] { response["headers"] = Self.headers(names) }
            if place == 0, !endpoint.links.isEmpty { response["links"] = Self.links(endpoint.links) }
            responses[status] = .object(response)
        }
        return .object(responses)
    }

    private static func links(_ links: [Endpoint.Link]) -> JSON {
        .object(
            Dictionary(
                uniqueKeysWithValues: links.map { link in
                    (
                        link.operation,
                        [
                            "operationId": .string(link.operation),
                            "parameters": .object(link.pointers.mapValues { .string("$response.body#\($0)") }),
                        ]
                    )
                }))
    }
}
