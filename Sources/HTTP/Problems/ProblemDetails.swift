// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import Notation

/// Why a request was refused, as RFC 9457 `application/problem+json`. Thrown by the code that refuses; all statuses and
/// default codes are in this file. Sent to the client as it is, so it never contains a secret or anything internal.
package struct ProblemDetails: Error, Hashable, Sendable {
    package let status: HTTPResponse.Status
    /// For programs: one word that identifies the problem.
    package let code: String
    /// For people: what was wrong with this request.
    package let detail: String
    /// Headers that the status requires, such as `Allow`.
    package let headers: HTTPFields
    /// Further members of the document, for programs.
    package let members: [String: JSON]

    package init(
        _ status: HTTPResponse.Status,
        code: String,
        detail: String,
        headers: HTTPFields = [:],
        members: [String: JSON] = [:]
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
        self.members = members
    }
}

extension ProblemDetails {
    package static func badRequest(code: String = "bad_request", detail: String) -> ProblemDetails {
        ProblemDetails(.badRequest, code: code, detail: detail)
    }

    /// What was sent is not HTTP/1.1, so the connection cannot go on.
    package static func malformedRequest(detail: String) -> ProblemDetails {
        ProblemDetails(.badRequest, code: "malformed_request", detail: detail)
    }

    package static var unauthenticated: ProblemDetails {
        ProblemDetails(
            .unauthorized,
            code: "unauthenticated",
            detail: "Send a known token as: Authorization: Bearer <token>",
            headers: [.wwwAuthenticate: "Bearer realm=\"tollgate\""]
        )
    }

    package static func forbidden(
        code: String = "forbidden",
        detail: String = "This token is for other routes."
    ) -> ProblemDetails {
        ProblemDetails(.forbidden, code: code, detail: detail)
    }

    package static func notFound(code: String = "not_found", detail: String = "There is nothing here.")
        -> ProblemDetails
    {
        ProblemDetails(.notFound, code: code, detail: detail)
    }

    /// - Parameter allow: the methods that the path does answer.
    package static func methodNotAllowed(allow: [HTTPRequest.Method]) -> ProblemDetails {
        let methods = allow.map(\.rawValue).sorted().joined(separator: ", ")
        return ProblemDetails(
            .methodNotAllowed,
            code: "method_not_allowed",
            detail: "This path answers \(methods).",
            headers: [.allow: methods]
        )
    }

    package static func requestTimeout(detail: String) -> ProblemDetails {
        ProblemDetails(.requestTimeout, code: "request_timeout", detail: detail)
    }

    package static func conflict(code: String = "conflict", detail: String) -> ProblemDetails {
        ProblemDetails(.conflict, code: code, detail: detail)
    }

    /// - Parameter limit: the largest body taken here, in bytes.
    package static func payloadTooLarge(limit: Int) -> ProblemDetails {
        ProblemDetails(
            .contentTooLarge,
            code: "payload_too_large",
            detail: "The body is larger than \(limit) bytes."
        )
    }

    package static var unsupportedContentEncoding: ProblemDetails {
        ProblemDetails(
            .unsupportedMediaType,
            code: "unsupported_content_encoding",
            detail: "Send the body as it is, without Content-Encoding."
        )
    }

    package static var unsupportedTransferEncoding: ProblemDetails {
        ProblemDetails(
            .notImplemented,
            code: "unsupported_transfer_encoding",
            detail: "The only transfer coding known here is chunked."
        )
    }

    package static func unsupportedMediaType(code: String, detail: String) -> ProblemDetails {
        ProblemDetails(.unsupportedMediaType, code: code, detail: detail)
    }

    package static var headersTooLarge: ProblemDetails {
        ProblemDetails(
            .requestHeaderFieldsTooLarge,
            code: "headers_too_large",
            detail: "The request line, a header or all of them together are too large, or they are too many."
        )
    }

    package static var chunkExtrasTooLarge: ProblemDetails {
        ProblemDetails(
            .requestHeaderFieldsTooLarge,
            code: "headers_too_large",
            detail: "The trailers and chunk extensions of the body are too large."
        )
    }

    /// - Parameter retryAfter: seconds until a retry makes sense.
    package static func serviceUnavailable(
        code: String = "unavailable",
        detail: String = "This cannot be done right now.",
        retryAfter: Int
    ) -> ProblemDetails {
        ProblemDetails(
            .serviceUnavailable, code: code, detail: detail, headers: [.retryAfter: String(retryAfter)])
    }

    /// Says nothing about the error itself: that is in the log.
    package static var internalError: ProblemDetails {
        ProblemDetails(
            .internalServerError,
            code: "internal_error",
            detail: "The request failed through no fault of the client; the reason is in the log."
        )
    }
}

extension ProblemDetails: HTTPResponseError {
    static let contentType = "application/problem+json"

    var title: String { status.reasonPhrase }

    /// The JSON document, compact and with sorted keys.
    var body: [UInt8] {
        let document: [String: JSON] = [
            "type": .string("urn:tollgate:problem:\(code)"),
            "title": .string(title),
            "status": .integer(Int64(status.code)),
            "detail": .string(detail),
            "code": .string(code),
        ]
        return JSON.object(document.merging(members) { given, _ in given }).bytes
    }

    /// The answer as it is written to the client.
    var response: Response {
        var fields = headers
        fields[.contentType] = Self.contentType
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response { response }
}
