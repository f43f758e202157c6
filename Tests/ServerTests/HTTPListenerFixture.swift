import Logging
import ServiceLifecycle
import Synchronization
import Telemetry

@testable import Server

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

/// What was logged at `debug` and above.
final class LogRecord: Sendable {
    private let events = Mutex<[(level: Logger.Level, text: String)]>([])

    var logger: Logger { Logger(label: "test") { _ in LogRecorder(record: self) } }

    func add(_ level: Logger.Level, _ text: String) {
        events.withLock { $0.append((level, text)) }
    }

    func texts(_ level: Logger.Level) -> [String] {
        events.withLock { $0.filter { $0.level == level }.map(\.text) }
    }

    var everything: String {
        events.withLock { $0.map(\.text).joined(separator: "\n") }
    }
}

private struct LogRecorder: LogHandler {
    let record: LogRecord
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(record: LogRecord) {
        self.record = record
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        record.add(event.level, "\(event.message) \(all)")
    }
}

/// A door that a handler waits at, and a test that waits for the handler.
actor Gate {
    private var isOpen = false
    private var isReached = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var watching: [CheckedContinuation<Void, Never>] = []

    /// Waits until the gate opens.
    func pass() async {
        isReached = true
        for continuation in watching { continuation.resume() }
        watching = []
        if isOpen { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Waits until somebody stands at the gate.
    func reached() async {
        if isReached { return }
        await withCheckedContinuation { watching.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
