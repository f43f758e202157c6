// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import HTTPTypes
import Hummingbird
import Notation
import Store

/// Where the routes behind a kind of token are registered, each with its operation: that declares what is read from a
/// request, and anything else is refused here, before the handler: a dry run with a typo must not become a real one.
struct OperationRoutes {
    /// The answer of an operation that has two kinds of answer.
    enum Reply<Usual: ObjectContent, Other: ObjectContent> {
        case usual(Object<Usual>)
        case other(Object<Other>)
    }

    private let kind: BearerToken.Kind
    private let group: RouterGroup<CallerContext>

    /// - Parameters:
    ///   - kind: whose token opens them.
    ///   - tokens: those of every kind.
    init(
        _ kind: BearerToken.Kind,
        on routes: some RouterMethods<ListenerContext>,
        tokens: [BearerToken],
        outages: Outages
    ) {
        self.kind = kind
        group = routes.group()
            .add(middleware: BearerAuthentication(kind, tokens: tokens))
            .add(middleware: OutageMiddleware(outages: outages))
            .group(context: CallerContext.self)
    }

    func on<Parameters, Body, Answer>(
        _ operation: Operation<Parameters, Body, Answer>,
        use handler: @escaping @Sendable (OperationCall<Parameters, Body>) async throws -> Object<Answer>
    ) {
        register(operation) { (try await handler($0).json, 0) }
    }

    /// For an operation that answers without a body.
    func onWithoutAnswer<Parameters, Body>(
        _ operation: Operation<Parameters, Body, Nothing>,
        use handler: @escaping @Sendable (OperationCall<Parameters, Body>) async throws -> Void
    ) {
        register(operation) { call in
            try await handler(call)
            return (nil, 0)
        }
    }

    /// For an operation whose second answer has another status.
    func on<Parameters, Body, Answer, Other>(
        _ operation: Operation<Parameters, Body, Answer>,
        or other: Other.Type,
        use handler: @escaping @Sendable (OperationCall<Parameters, Body>) async throws -> Reply<Answer, Other>
    ) {
        register(operation) { call in
            switch try await handler(call) {
            case .usual(let answer): (answer.json, 0)
            case .other(let answer): (answer.json, 1)
            }
        }
    }

    /// For an operation whose answer is no document.
    func on<Parameters, Body>(
        raw operation: Operation<Parameters, Body, Nothing>,
        use handler: @escaping @Sendable (OperationCall<Parameters, Body>) async throws -> Response
    ) {
        answer(operation, handler)
    }

    /// - Parameter handler: returns the document, if there is one, and which of the operation's answers it is.
    private func register<Parameters, Body, Answer>(
        _ operation: Operation<Parameters, Body, Answer>,
        _ handler: @escaping @Sendable (OperationCall<Parameters, Body>) async throws -> (JSON?, Int)
    ) {
        let statuses = operation.endpoint.answers.map { HTTPResponse.Status(declared: $0.status) }
        answer(operation) { call in
            let (document, place) = try await handler(call)
            guard let document else { return Response(status: statuses[place]) }
            return Response.document(document, status: statuses[place])
        }
    }

    private func answer<Parameters, Body, Answer>(
        _ operation: Operation<Parameters, Body, Answer>,
        _ handler: @escaping @Sendable (OperationCall<Parameters, Body>) async throws -> Response
    ) {
        let endpoint = operation.endpoint
        precondition(endpoint.caller.tokenKind == kind, "\(endpoint.id) is not for the token \(kind.rawValue)")
        let limit = BodyLimit(bytes: endpoint.bodyLimit)
        group.on(RouterPath(endpoint.path), method: endpoint.httpMethod) { request, context in
            let call = OperationCall<Parameters, Body>(
                parameters: try RequestReader.parameters(request, context),
                body: try await RequestReader.body(request, limit),
                caller: context.label, accept: request.headers[.accept], client: context.client)
            return try await handler(call)
        }
    }
}
