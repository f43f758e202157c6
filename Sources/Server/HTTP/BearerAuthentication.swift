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
        guard let header = request.headers[.authorization], let presented = Self.token(header) else {
            throw ProblemDetails.unauthenticated
        }
        var holder: AccessToken?
        // No early end: how long it takes must not tell which token is near.
        for token in tokens where token.matches(presented) {
            if holder == nil || token.kind == kind { holder = token }
        }
        guard let holder else { throw ProblemDetails.unauthenticated }
        guard holder.kind == kind else { throw ProblemDetails.forbidden() }
        var context = context
        context.operatorLabel = holder.label
        return try await next(request, context)
    }

    /// What stands after `Bearer `, in any case.
    private static func token(_ header: String) -> Substring.UTF8View? {
        let scheme = header.prefix { $0 != " " }
        guard scheme.lowercased() == "bearer" else { return nil }
        let token = header[scheme.endIndex...].drop { $0 == " " }
        return token.isEmpty ? nil : token.utf8
    }
}
