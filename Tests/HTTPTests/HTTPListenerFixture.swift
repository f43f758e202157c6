// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Telemetry
import TestSupport

@testable import HTTP

/// A listener on a free port for the time of a test.
struct HTTPListenerFixture {
    let port: Int
    let metrics: PrometheusRegistry
    let log: LogRecord
    private let group: ServiceGroup
    private let running: Task<Void, any Error>

    static func with<T>(
        name: String = "public",
        limits: ListenerLimits = ListenerLimits(),
        routes: (RouteTable) -> Void,
        _ body: (HTTPListenerFixture) async throws -> T
    ) async throws -> T {
        let metrics = PrometheusRegistry()
        let log = LogRecord()
        let logger = log.logger
        let table = RouteTable(listener: name, metrics: metrics)
        routes(table)
        let address = ListenerAddress(host: "127.0.0.1", port: 0, variable: "TOLLGATE_PUBLIC_ADDRESS")
        let listener = Listener(name: name, address: address, routes: table, limits: limits, logger: logger)
        let group = ServiceGroup(services: [listener], logger: logger)
        let running = Task { try await group.run() }
        let port = try await listener.boundAddress.port
        let fixture = HTTPListenerFixture(port: port, metrics: metrics, log: log, group: group, running: running)
        let result: Result<T, any Error>
        do {
            result = .success(try await body(fixture))
        } catch {
            result = .failure(error)
        }
        try await fixture.shutdown()
        return try result.get()
    }

    func beginShutdown() async {
        await group.triggerGracefulShutdown()
    }

    /// Waits until every connection is closed.
    func shutdown() async throws {
        await beginShutdown()
        try await running.value
    }

    func request(
        _ line: String,
        headers: [String] = [],
        body: String = ""
    ) async throws -> HTTPConnection.Answer {
        try await HTTPConnection.request(port: port, line, headers: headers, body: body)
    }

    func connect<T>(_ body: (HTTPConnection) async throws -> T) async throws -> T {
        try await HTTPConnection.with(port: port, body)
    }
}
