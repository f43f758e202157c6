// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import NIOCore
import NIOHTTP1
import Notation
import Store

/// A gateway's route that takes a list: all such bodies share the memory of those that spend, and one that arrives slowly
/// makes room for others. Read and answered off the event loop, which a long list would hold up.
struct LargeBodyRoute: HotRoute {
    let method: HTTPMethod
    let path: HotPath
    let bodyLimit: BodyLimit
    let memory: BodyMemory?

    private let authentication: BearerAuthentication
    private let outages: Outages
    private let handle: @Sendable (ByteBuffer) async throws -> JSON

    /// - Parameter handler: what it throws is answered as by any other route.
    init<Body, Answer>(
        _ operation: Operation<Nothing, Body, Answer>,
        _ shared: SpendingRoute.Shared,
        outages: Outages,
        handler: @escaping @Sendable (Object<Body>) async throws -> Object<Answer>
    ) {
        let endpoint = operation.endpoint
        precondition(endpoint.caller.tokenKind == .gateway, "\(endpoint.id) is not for gateways")
        method = endpoint.hotMethod
        path = endpoint.hotPath
        bodyLimit = BodyLimit(bytes: endpoint.bodyLimit)
        memory = shared.memory
        authentication = shared.authentication
        self.outages = outages
        let fields = Body.form.names
        handle = { body in
            try await handler(RequestReader.object(BodyObject(body, fields: fields))).json
        }
    }

    func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) throws(ProblemDetails) {
        _ = try authentication.holder(of: headers.value(of: "authorization"))
    }

    func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
        let (target, body, lease) = (request.target, request.body, request.lease)
        Task {
            // The body is kept until here.
            defer { withExtendedLifetime(lease) {} }
            do {
                try Query(target: target).allow([])
                let document = try await handle(body)
                reply(HotAnswer(document.bytes))
            } catch {
                reply(HotAnswer(to: error, outages))
            }
        }
    }
}
