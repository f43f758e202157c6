// SPDX-License-Identifier: Apache-2.0

import Notation

/// Checks answers against an OpenAPI document.
package struct OpenAPIConformance: Sendable {
    private struct Operation: Sendable {
        let method: String
        let segments: [Substring]
        let responses: JSON
    }

    private let schemas: SchemaValidator
    private let document: JSON
    private let operations: [Operation]

    package init(_ document: JSON) {
        self.document = document
        schemas = SchemaValidator(document)
        operations = (document["paths"]?.object ?? [:]).flatMap { path, item in
            (item.object ?? [:]).compactMap { method, operation in
                operation["responses"].map { responses in
                    Operation(method: method.uppercased(), segments: path.split(separator: "/"), responses: responses)
                }
            }
        }
        // Fixed segments before parameters: `/events/stats` is not an event.
        .sorted { $0.segments.count { $0.hasPrefix("{") } < $1.segments.count { $0.hasPrefix("{") } }
    }

    /// - Parameters:
    ///   - target: as it was sent.
    ///   - headers: of the answer, their names in lower case.
    /// - Returns: what in the answer is not documented; nil if everything is, or if the document lacks the path.
    package func fault(
        _ method: String,
        _ target: String,
        status: Int,
        headers: [String: String],
        body: [UInt8]
    ) -> String? {
        let contentType = headers["content-type"]
        let segments = target.prefix { $0 != "?" }.split(separator: "/")
        let matches = operations.filter { operation in
            operation.segments.count == segments.count
                && zip(operation.segments, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        guard let operation = matches.first(where: { $0.method == (method == "HEAD" ? "GET" : method) }) else {
            return nil
        }
        let json = try? JSON(bytes: body, depthLimit: 2 * JSON.depthLimit)
        // The path belongs to the other listener.
        if status == 404, json?["code"] == "not_found" { return nil }
        guard var response = operation.responses[String(status)] else { return "the status is not documented" }
        if let reference = response["$ref"]?.string { response = schemas.resolve(reference) ?? .null }
        for (name, header) in response["headers"]?.object ?? [:] {
            if header["schema"] == nil { return "the header \(name) has no schema" }
            if header["required"] == true, headers[name.lowercased()] == nil { return "the header \(name) is missing" }
        }
        guard method != "HEAD" else { return nil }
        if response["content"]?.object?.isEmpty == true {
            return body.isEmpty && contentType == nil ? nil : "a body is not documented"
        }
        let type = contentType.map { String($0.prefix { $0 != ";" }) } ?? "none"
        guard let media = response["content"]?[type] else { return "the media type \(type) is not documented" }
        guard let schema = media["schema"] else { return nil }
        guard type.hasSuffix("json") else { return nil }
        guard let json else { return "the body is not JSON" }
        return schemas.fault(of: json, schema)
    }
}
