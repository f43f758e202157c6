// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird

/// Lets a request through that carries a token of the wanted kind, and tells its handler whose it is.
package struct BearerAuthentication: RouterMiddleware {
    package typealias Context = ListenerContext

    private let kind: BearerToken.Kind
    private let tokens: [BearerToken]

    /// - Parameter tokens: all that are known, of every kind: one of another kind is 403, not 401.
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

    /// Whose token the `Authorization` header presents.
    /// - Throws: 401 for none that is known, 403 for one of another kind.
    package func holder(of header: String?) throws(ProblemDetails) -> BearerToken {
        guard let header, let presented = Self.token(header) else { throw .unauthenticated }
        var holder: BearerToken?
        // No early end: how long it takes must not tell which token is near.
        for token in tokens where token.matches(presented) {
            if holder == nil || token.kind == kind { holder = token }
        }
        guard let holder else { throw .unauthenticated }
        guard holder.kind == kind else { throw .forbidden() }
        return holder
    }

    /// What stands after `Bearer `, in any case.
    private static func token(_ header: String) -> Substring.UTF8View? {
        let bytes = header.utf8
        let scheme = bytes.prefix { $0 != UInt8(ascii: " ") }
        // In ASCII the sixth bit is the case of a letter.
        guard scheme.elementsEqual("bearer".utf8, by: { $0 | 0x20 == $1 }) else { return nil }
        let token = bytes[scheme.endIndex...].drop { $0 == UInt8(ascii: " ") }
        return token.isEmpty ? nil : token
    }
}
