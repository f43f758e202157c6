// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// One plain HTTP/1.1 server: an address, its routes and its limits. It is a `Service`: a graceful shutdown stops
/// accepting, answers what is in flight and returns.
package final class Listener: Service {
    /// Its name in metrics and logs.
    package let name: String

    /// The paths and methods that it answers.
    package let paths: KnownPaths

    private let address: ListenerAddress
    private let limits: ListenerLimits
    private let responder: RouterResponder<ListenerContext>
    private let hot: HotRoutes
    private let logger: Logger
    private let bound = Promise<ListenerAddress>()

    /// - Parameter routes: complete; what is registered later is not seen.
    package init(
        name: String,
        address: ListenerAddress,
        routes: RouteTable,
        limits: ListenerLimits = ListenerLimits(),
        logger: Logger
    ) {
        self.name = name
        self.address = address
        self.limits = limits
        self.paths = routes.paths
        self.responder = routes.responder()
        self.hot = routes.hotRoutes()
        var logger = logger
        logger[metadataKey: "listener"] = "\(name)"
        self.logger = logger
    }

    /// The address it actually listens on, with the port chosen for port 0. Waits until it is bound.
    /// - Throws: `ListenerError` if it could not bind, `CancellationError` if it was stopped first.
    package var boundAddress: ListenerAddress {
        get async throws { try await bound.value }
    }

    /// - Throws: `ListenerError` when it cannot bind.
    package func run() async throws {
        do {
            try await application.run()
            bound.fulfill(.failure(CancellationError()))
        } catch {
            let failure = ListenerError(address: address, cause: error)
            guard bound.fulfill(.failure(failure)) else { throw error }
            throw failure
        }
    }

    private var application: Application<RouterResponder<ListenerContext>> {
        Application(
            responder: responder,
            server: HTTPServerBuilder { [limits, hot] in HTTPChannel(limits: limits, routes: hot, responder: $0) },
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: limits.connections.map { ConnectionLimit($0, logger: logger) }
            ),
            onServerRunning: { [bound, address, logger] channel in
                // This fails only if the channel is already closed: then nothing is accepted that could need a pause.
                try? await channel.eventLoop.submit {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(logger: logger), position: .first)
                }.get()
                let port = channel.localAddress?.port ?? address.port
                bound.fulfill(.success(ListenerAddress(host: address.host, port: port, variable: address.variable)))
            },
            logger: logger
        )
    }
}
