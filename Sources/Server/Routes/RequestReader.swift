// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import HTTPTypes
import Hummingbird
import Notation

/// Reads what an operation takes from a request, as the contract declares.
enum RequestReader {
    /// The parameters of path, query and headers.
    /// - Throws: 400 that names the parameter that is unknown, missing, malformed or duplicate.
    static func parameters<Content>(
        _ request: Request,
        _ context: some RequestContext
    ) throws(ProblemDetails) -> Object<Content> {
        let properties = Content.form.properties
        let query = Query(request)
        try query.allow(properties.filter { $0.place == .query }.map(\.name))
        var members: [String: JSON] = [:]
        for property in properties {
            members[property.name] =
                switch property.place {
                case .path: try path(property, context)
                case .query: try parameter(property, query)
                case .header: try header(property, request)
                case .body: nil
                }
        }
        do throws(FormFault) {
            return try Object(reading: .object(members))
        } catch {
            throw ProblemDetails(.invalidParameter, "The parameter `\(error.path)` \(error.reason).")
        }
    }

    /// The body of an operation.
    /// - Throws: 400 that names the field that is unknown, missing, malformed or duplicate; what `collectBody` throws.
    static func body<Content>(_ request: Request, _ limit: BodyLimit) async throws(ProblemDetails) -> Object<Content> {
        try object(try await request.bodyObject(limit, fields: Content.form.names))
    }

    /// One of a list whose elements are judged one by one.
    /// - Throws: 400 that names the field that is unknown, missing or malformed.
    static func element<Content>(_ json: JSON) throws(ProblemDetails) -> Object<Content> {
        guard let members = json.object else { throw ProblemDetails(.invalidField, "This must be an object.") }
        return try object(try BodyObject(members, fields: Content.form.names))
    }

    /// - Parameter body: nil for a body without fields.
    static func object<Content>(_ body: BodyObject?) throws(ProblemDetails) -> Object<Content> {
        do throws(FormFault) {
            return try Object(reading: .object(body?.members ?? [:]))
        } catch {
            let code: ProblemCode = error.isMissing ? .missingField : .invalidField
            throw ProblemDetails(code, "The field `\(error.path)` \(error.reason).")
        }
    }

    // MARK: Parameters

    private static func path(
        _ property: any AnyProperty,
        _ context: some RequestContext
    ) throws(ProblemDetails) -> JSON {
        guard let value = checked(property, try context.parameter(property.name)) else {
            throw ProblemDetails(
                .invalidID, "The {\(property.name)} of the path must be \(property.words), percent-encoded.")
        }
        return value
    }

    private static func parameter(_ property: any AnyProperty, _ query: Query) throws(ProblemDetails) -> JSON? {
        let value = try query.value(property.name, property.words, emptyIsNone: property.mayBeEmpty) {
            checked(property, $0)
        }
        if value == nil, property.isRequired {
            throw ProblemDetails(
                .invalidParameter, "The parameter `\(property.name)` is missing: it must be \(property.words).")
        }
        return value
    }

    private static func header(_ property: any AnyProperty, _ request: Request) throws(ProblemDetails) -> JSON? {
        guard property.isRequired else {
            guard let text = HTTPField.Name(property.name).flatMap({ request.headers[$0] }), !text.isEmpty else {
                return nil
            }
            guard let value = checked(property, text) else {
                throw ProblemDetails(.invalidParameter, "The header \(property.name) must be \(property.words).")
            }
            return value
        }
        // The only header that any operation requires here.
        guard property.name == "Idempotency-Key", let name = HTTPField.Name(property.name) else {
            preconditionFailure("no codes are declared for the header \(property.name)")
        }
        guard let text = request.headers[name], !text.isEmpty else {
            throw ProblemDetails(
                .missingIdempotencyKey, "Send an Idempotency-Key header: the same key never does the same thing twice.")
        }
        guard let value = checked(property, text) else {
            throw ProblemDetails(.invalidIdempotencyKey, "The Idempotency-Key must be \(property.words).")
        }
        return value
    }

    /// - Returns: nil for a text that is not in the property's form.
    private static func checked(_ property: any AnyProperty, _ text: String) -> JSON? {
        let value = property.parse(text)
        do {
            try property.check(value)
            return value
        } catch {
            return nil  // the property's words say what it must be
        }
    }
}
