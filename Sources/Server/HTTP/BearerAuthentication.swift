import HTTPTypes
import Hummingbird

/// Lets a request through that carries a token of the wanted kind, and tells its handler whose it is.
struct BearerAuthentication: RouterMiddleware {
    typealias Context = ListenerContext

    private let kind: AccessToken.Kind
    private let tokens: [AccessToken]

    /// - Parameter tokens: all that are known, of every kind: one of another kind is 403, not 401.
    init(_ kind: AccessToken.Kind, tokens: [AccessToken]) {
        self.kind = kind
        self.tokens = tokens
    }

    func handle(
        _ request: Request,
        context: ListenerContext,
        next: (Request, ListenerContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.operatorLabel = try holder(of: request.headers[.authorization]).label
        return try await next(request, context)
    }

    /// Whose token the `Authorization` header presents.
    /// - Throws: 401 for none that is known, 403 for one of another kind.
    func holder(of header: String?) throws(ProblemDetails) -> AccessToken {
        guard let header, let presented = Self.token(header) else { throw .unauthenticated }
        var holder: AccessToken?
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
