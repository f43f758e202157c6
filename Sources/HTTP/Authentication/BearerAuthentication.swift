// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird

/// Lets a request through if it carries a token of the right kind, and tells its handler whose token it is.
package struct BearerAuthentication: RouterMiddleware {
    package typealias Context = ListenerContext

    private let kind: BearerToken.Kind
    private let tokens: [BearerToken]

    /// - Parameter tokens: all known tokens of every kind: one of the wrong kind gets 403, not 401.
    package init(_ kind: BearerToken.Kind, tokens: [BearerToken]) {
        self.kind = kind
        self.tokens = tokens
    }

    package func handle(
        _ request: Request,
        context: ListenerContext,
        next: (Request, ListenerContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.tokenLabel = try holder(of: request.headers[.authorization]).label
        return try await next(request, context)
    }

    /// The token that the `Authorization` header presents.
    /// - Throws: 401 if it is unknown, 403 if it is of another kind.
    package func holder(of header: String?) throws(ProblemDetails) -> BearerToken {
        guard let header, let presented = Self.token(in: header) else { throw .unauthenticated }
        return try holder(of: presented)
    }

    /// - Parameter presented: a token without `Bearer`.
    /// - Throws: 401 if it is unknown, 403 if it is of another kind.
    package func holder(of presented: Substring.UTF8View) throws(ProblemDetails) -> BearerToken {
        var holder: BearerToken?
        // No early exit: the time taken must not reveal how close a guess is to a token.
        for token in tokens where token.matches(presented) {
            if holder == nil || token.kind == kind { holder = token }
        }
        guard let holder else { throw .unauthenticated }
        guard holder.kind == kind else { throw .forbidden() }
        return holder
    }

    /// What follows `Bearer `, which may be in any case.
    package static func token(in header: String) -> Substring.UTF8View? {
        let bytes = header.utf8
        let scheme = bytes.prefix { $0 != UInt8(ascii: " ") }
        // In ASCII, bit 0x20 is the case of a letter.
        guard scheme.elementsEqual("bearer".utf8, by: { $0 | 0x20 == $1 }) else { return nil }
        let token = bytes[scheme.endIndex...].drop { $0 == UInt8(ascii: " ") }
        return token.isEmpty ? nil : token
    }
}
