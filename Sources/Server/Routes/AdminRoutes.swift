// SPDX-License-Identifier: Apache-2.0

import HTTP
import HTTPTypes
import Hummingbird
import Store

/// Where the routes of operators are registered. Each declares the parameters of its query and whether it reads a body;
/// anything else in a request is refused here, before the handler: what was meant to be a dry run must not be a real one.
struct AdminRoutes {
    /// What a route reads of a request's body.
    enum Body {
        /// Nothing: whatever comes is unknown.
        case none
        /// The handler decodes it, strictly.
        case json
    }

    typealias Handler = @Sendable (Request, AdminContext) async throws -> Response

    private let group: RouterGroup<AdminContext>

    init(on routes: some RouterMethods<ListenerContext>, tokens: [BearerToken], outages: Outages) {
        group = routes.group()
            .add(middleware: BearerAuthentication(.admin, tokens: tokens))
            .add(middleware: OutageMiddleware(outages: outages))
            .group(context: AdminContext.self)
    }

    func get(_ path: RouterPath, parameters: [String] = [], use handler: @escaping Handler) {
        on(.get, path, parameters, .none, handler)
    }

    func put(_ path: RouterPath, body: Body = .none, use handler: @escaping Handler) {
        on(.put, path, [], body, handler)
    }

    func post(_ path: RouterPath, body: Body = .none, use handler: @escaping Handler) {
        on(.post, path, [], body, handler)
    }

    func delete(_ path: RouterPath, use handler: @escaping Handler) {
        on(.delete, path, [], .none, handler)
    }

    private func on(
        _ method: HTTPRequest.Method,
        _ path: RouterPath,
        _ parameters: [String],
        _ body: Body,
        _ handler: @escaping Handler
    ) {
        group.on(path, method: method) { request, context in
            try Query(request).allow(parameters)
            if case .none = body { try await request.refuseBody() }
            return try await handler(request, context)
        }
    }
}
