// SPDX-License-Identifier: Apache-2.0

import Notation

extension OpenAPIDocument {
    static let problemType = "application/problem+json"

    /// RFC 9457.
    static let problemSchemas: [String: JSON] = [
        "Problem": [
            "type": "object",
            "properties": [
                "type": ["type": "string", "format": "uri"], "title": ["type": "string"],
                "status": ["type": "integer"], "detail": ["type": "string"], "code": ["type": "string"],
            ],
            "required": ["type", "title", "status", "detail", "code"],
        ]
    ]

    /// Problems that many endpoints share: one code each, under one status.
    private static let common: [ProblemCode: String] = [
        .unauthenticated: "No known token.", .forbidden: "The token is for other routes.",
        .requestTimeout: "The request came too slowly.", .payloadTooLarge: "The body is too large.",
        .unsupportedContentEncoding: "The body is encoded.", .headersTooLarge: "The headers are too large.",
        .internalError: "A fault of this server's.", .unsupportedTransferEncoding: "The transfer coding is not known.",
        .unavailable: "It cannot be done right now.",
    ]

    var commonResponses: [String: JSON] {
        var responses: [String: JSON] = [:]
        for (code, description) in Self.common {
            responses[code.rawValue] = .object(Self.response(problem: [code], description))
        }
        return responses
    }

    static func headers(_ names: [String]) -> JSON {
        .object(
            Dictionary(
                uniqueKeysWithValues: names.map { name in
                    (name, ["required": true, "schema": ["type": name == "Retry-After" ? "integer" : "string"]])
                }))
    }

    /// - Parameters:
    ///   - codes: the codes of one status.
    ///   - headers: what the endpoint sends with all of them.
    static func response(_ codes: [ProblemCode], headers: [String]) -> JSON {
        if codes.count == 1, common[codes[0]] != nil, headers.isEmpty {
            return ["$ref": .string("#/components/responses/\(codes[0].rawValue)")]
        }
        return .object(response(problem: codes, codes.map(\.rawValue).joined(separator: ", "), headers))
    }

    private static func response(
        problem codes: [ProblemCode], _ description: String, _ headers: [String] = []
    ) -> [String: JSON] {
        var response: [String: JSON] = [
            "description": .string(description), "content": [problemType: ["schema": problemSchema(codes)]],
        ]
        let usual: [String] =
            switch codes.first?.status {
            case 401: ["WWW-Authenticate"]
            case 503: ["Retry-After"]
            default: []
            }
        if let names = (usual + headers).nonEmpty { response["headers"] = Self.headers(names) }
        return response
    }

    static func problemSchema(_ codes: [ProblemCode]) -> JSON {
        [
            "allOf": [
                ["$ref": "#/components/schemas/Problem"],
                [
                    "properties": [
                        "code": ["enum": .array(codes.map { .string($0.rawValue) })],
                        "status": ["const": .integer(Int64(codes.first?.status ?? 0))],
                    ]
                ],
            ]
        ]
    }
}

extension Collection {
    var nonEmpty: Self? { isEmpty ? nil : self }
}
