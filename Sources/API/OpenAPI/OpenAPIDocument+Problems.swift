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
            var response = Self.response(problem: [code], description)
            switch code {
            case .unauthenticated: response["headers"] = Self.header("WWW-Authenticate", ["type": "string"])
            case .unavailable: response["headers"] = Self.header("Retry-After", ["type": "integer"])
            default: break
            }
            responses[code.rawValue] = .object(response)
        }
        return responses
    }

    private static func header(_ name: String, _ schema: JSON) -> JSON {
        [name: ["required": true, "schema": schema]]
    }

    /// - Parameter codes: the codes of one status.
    static func response(_ codes: [ProblemCode]) -> JSON {
        if codes.count == 1, common[codes[0]] != nil {
            return ["$ref": .string("#/components/responses/\(codes[0].rawValue)")]
        }
        return .object(response(problem: codes, codes.map(\.rawValue).joined(separator: ", ")))
    }

    private static func response(problem codes: [ProblemCode], _ description: String) -> [String: JSON] {
        ["description": .string(description), "content": [problemType: ["schema": problemSchema(codes)]]]
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

extension Set {
    var nonEmpty: Set? { isEmpty ? nil : self }
}
