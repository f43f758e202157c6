// SPDX-License-Identifier: Apache-2.0

import API
import AsyncHTTPClient
import Billing
import HTTP
import Ingest
import Logging
import Metering
import MeteringServices
import NIOCore
import NIOPosix
import Notation
import Postgres
import Processing
import ServiceLifecycle
import Spool
import Store
import Stripe
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Server

/// Everything `tollgate serve` runs, in this process: both listeners on real sockets, the processing, and a PostgreSQL
/// database of its own.
struct ServerFixture: Sendable {
    static let gatewayToken = "gateway-token-0123456789"
    /// Its label is `night-shift`.
    static let adminToken = "admin-token-0123456789"

    let store: Store
    let source: DataSource
    let clock: ShiftedClock
    let platformSecret: WebhookSecret
    let connectSecret: WebhookSecret
    let publicPort: Int
    let privatePort: Int
    let readiness: Readiness
    let spool: Spool?
    /// What each listener answers.
    let publicPaths: KnownPaths
    let privatePaths: KnownPaths

    /// - Parameters:
    ///   - workers: 0 leaves events pending, and replays running.
    ///   - sweeping: without it, only readers see what time alone changes.
    ///   - spool: where events wait while the database does not take them.
    ///   - log: where all of it is logged.
    ///   - inboxTimeout: long, so that a machine busy with all tests does not look like a database outage.
    static func with(
        policy: Policy = Policy(),
        charges: ChargePolicy = .standard,
        workers: Int = 1,
        sweeping: Bool = true,
        limits: ListenerLimits = ListenerLimits(),
        spool: Spool? = nil,
        inboxTimeout: Duration = .seconds(60),
        isAuthorizeOpen: Bool = false,
        hasStripeKey: Bool = false,
        log: LogRecord = LogRecord(),
        _ body: (ServerFixture) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            try await with(
                source: database.source, policy: policy, charges: charges, workers: workers, sweeping: sweeping,
                limits: limits,
                spool: spool, inboxTimeout: inboxTimeout, isAuthorizeOpen: isAuthorizeOpen,
                hasStripeKey: hasStripeKey, log: log, body)
        }
    }

    /// The same on a database that may be unavailable.
    static func with(
        source: DataSource,
        policy: Policy = Policy(),
        charges: ChargePolicy = .standard,
        workers: Int = 0,
        sweeping: Bool = false,
        limits: ListenerLimits = ListenerLimits(),
        spool: Spool? = nil,
        inboxTimeout: Duration = .seconds(60),
        isAuthorizeOpen: Bool = false,
        hasStripeKey: Bool = false,
        log: LogRecord = LogRecord(),
        _ body: (ServerFixture) async throws -> Void
    ) async throws {
        let logger = log.logger
        let store = Store(source, logger: logger)
        let platform = try WebhookSecret(label: "platform", value: "whsec_platform0123456789abcdefghijklmn")
        let connect = try WebhookSecret(label: "connect", value: "whsec_connect0123456789abcdefghijklmno")
        let metrics = PrometheusRegistry(help: Metric.help)
        let clock = ShiftedClock()
        let verifier = try SignatureVerifier(secrets: [platform, connect])
        let servers = HTTPServers(
            publicAddress: ListenerAddress(host: "127.0.0.1", port: 0, variable: "TOLLGATE_PUBLIC_ADDRESS"),
            privateAddress: ListenerAddress(host: "127.0.0.1", port: 0, variable: "TOLLGATE_PRIVATE_ADDRESS"),
            limits: limits,
            stores: ListenerStores(of: store),
            spool: spool,
            isAuthorizeOpen: isAuthorizeOpen, keyUsePause: .milliseconds(50), inboxTimeout: inboxTimeout,
            verifier: verifier,
            tokens: BearerToken.list(.gateway, [(nil, gatewayToken)])
                + BearerToken.list(.admin, [("night-shift", adminToken), (nil, "second-admin-0123456789")]),
            hasStripeKey: hasStripeKey,
            reconciled: hasStripeKey ? [""] : nil,
            policy: policy,
            charges: charges,
            metrics: metrics,
            now: { clock.now },
            logger: logger
        )
        var services: [any Service] = [
            SpoolDrainer(store.inbox, spool: spool, verifier: verifier, logger: logger), servers.listening,
            servers.feed, servers.keyUses, servers.publicListener, servers.privateListener,
        ]
        if workers > 0 {
            let strangers = StrangerLog(policy: policy, now: { clock.now }, logger: logger)
            services += processing(store, workers, policy, metrics, strangers, logger)
        }
        if sweeping { services += Self.sweeping(store, policy, charges, logger) }
        let group = ServiceGroup(services: services, logger: logger)
        let running = Task { try await group.run() }
        let result: Result<Void, any Error>
        do {
            let fixture = ServerFixture(
                store: store, source: source, clock: clock, platformSecret: platform, connectSecret: connect,
                publicPort: try await servers.publicListener.boundAddress.port,
                privatePort: try await servers.privateListener.boundAddress.port,
                readiness: servers.readiness, spool: spool, publicPaths: servers.publicListener.paths,
                privatePaths: servers.privateListener.paths)
            result = .success(try await body(fixture))
        } catch {
            result = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await running.value
        try await store.close()
        try result.get()
    }

    private static func sweeping(
        _ store: Store, _ policy: Policy, _ charges: ChargePolicy, _ logger: Logger
    ) -> [any Service] {
        [
            RateCorrector(
                store.corrections, policies: UsageStore.Policies(access: policy, charges: charges),
                outages: store.outages, every: .milliseconds(50), logger: logger),
            Sweeper(store.sweeps, outages: store.outages, policy: policy, every: .milliseconds(50), logger: logger),
        ]
    }

    private static func processing(
        _ store: Store,
        _ workers: Int,
        _ policy: Policy,
        _ metrics: PrometheusRegistry,
        _ strangers: StrangerLog,
        _ logger: Logger
    ) -> [any Service] {
        let outages = store.outages
        let services: [any Service] = (0..<workers).map { _ in
            Worker(
                store.queue, outages: outages, arrivals: { store.inbox.written }, policy: policy, metrics: metrics,
                strangers: strangers, logger: logger)
        }
        return services + [
            Replayer(store.replaySteps, outages: outages, every: .milliseconds(20), logger: logger)
        ]
    }

    // MARK: Requests

    /// Signed bytes, posted as Stripe does.
    func deliver(
        _ body: [UInt8],
        secret: WebhookSecret? = nil,
        headers: [(String, String)] = []
    ) async throws -> HTTPAnswer {
        let signature = try (secret ?? platformSecret).sign(body: body, at: clock.now)
        return try await post(body, headers: [("Stripe-Signature", signature)] + headers)
    }

    @discardableResult
    func deliver(_ event: JSON) async throws -> HTTPAnswer {
        try await deliver(event.bytes)
    }

    /// Bytes with any headers.
    func post(_ body: [UInt8], headers: [(String, String)]) async throws -> HTTPAnswer {
        try await HTTPAnswer.request("POST", port: publicPort, "/webhooks/stripe", headers: headers, body: body)
    }

    /// The public listener, without a signature.
    func outside(_ method: String, _ path: String) async throws -> HTTPAnswer {
        try await HTTPAnswer.request(method, port: publicPort, path)
    }

    /// The private listener, with the gateway's token.
    func gateway(_ method: String, _ path: String, body: String? = nil) async throws -> HTTPAnswer {
        try await inside(method, path, token: Self.gatewayToken, body: body)
    }

    /// The private listener, with an operator's token.
    func admin(
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> HTTPAnswer {
        try await inside(method, "/admin/v1\(path)", token: Self.adminToken, headers: headers, body: body)
    }

    func inside(
        _ method: String,
        _ path: String,
        token: String? = nil,
        headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> HTTPAnswer {
        try await HTTPAnswer.request(
            method,
            port: privatePort,
            path,
            headers: (token.map { [("Authorization", "Bearer \($0)")] } ?? []) + headers,
            body: body.map { Array($0.utf8) } ?? []
        )
    }

    // MARK: Results

    func access(_ customer: String = "cus_1") async throws -> JSON {
        try await gateway("GET", "/v1/customers/\(customer)/access").json
    }

    /// Waits until an event is no longer pending, and shows it as operators see it.
    @discardableResult
    func ended(_ id: String) async throws -> JSON {
        try await eventually("the end of \(id)") {
            let event = try await admin("GET", "/events/\(id)").json
            return ["pending", nil].contains(event["status"]?.string) ? nil : event
        }
    }

    /// Delivers events in turn and waits for the end of each.
    func handle(_ events: [JSON]) async throws {
        for event in events {
            try await deliver(event)
            try await ended(event["id"]?.string ?? "")
        }
    }

    /// Runs statements on the test's database, without Tollgate.
    @discardableResult
    func sql<T: Sendable>(_ body: @Sendable @escaping (Connection) throws -> T) async throws -> T {
        try await TestDatabase.transaction(on: source, body)
    }

    func storedEvents() async throws -> Int {
        try await sql { try $0.execute("SELECT count(*) FROM tollgate.event").first?.decode(Int.self) ?? -1 }
    }

    /// Holds the inbox's table in another session while `body` runs.
    func whileInboxIsLocked(_ body: () async throws -> Void) async throws {
        try await TestDatabase.hold(source) { connection in
            _ = try connection.executeScript("LOCK TABLE tollgate.event")
        } while: {
            try await body()
        }
    }
}

/// This machine's clock, which a test can shift, or stop to be exact to the second.
final class ShiftedClock: Sendable {
    private struct State {
        var shift = Duration.zero
        var stoppedAt: Timestamp?
    }

    private let state = Mutex(State())

    var now: Timestamp { state.withLock { ($0.stoppedAt ?? .now) + $0.shift } }

    func shift(by duration: Duration) {
        state.withLock { $0.shift = duration }
    }

    func stop() {
        state.withLock { $0.stoppedAt = .now }
    }
}

/// A whole answer, as an HTTP client gets it.
struct HTTPAnswer: Sendable {
    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: [UInt8]

    // Kept for the whole process: the tests share its threads, but no connections, as each server has its own port.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 128
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    static func request(
        _ method: String,
        port: Int,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8] = []
    ) async throws -> HTTPAnswer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if method != "GET", method != "HEAD" { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await client.execute(request, timeout: .seconds(60))
        let collected = try await response.body.collect(upTo: 64 * 1024 * 1024)
        let answer = HTTPAnswer(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.lowercased(), $1) }, uniquingKeysWith: { "\($0), \($1)" }),
            body: Array(collected.readableBytesView)
        )
        answer.checkContract(method, path)
        return answer
    }

    private static let contract = OpenAPIConformance(OpenAPIDocument(version: "0").json)

    /// Checks every answer of every test against the contract.
    private func checkContract(_ method: String, _ path: String) {
        let fault = Self.contract.fault(
            method, path, status: status, headers: headers, body: body)
        if let fault { Issue.record("\(method) \(path): \(status): \(fault)") }
    }

    var json: JSON {
        get throws { try JSON(bytes: body, depthLimit: 2 * JSON.depthLimit) }
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The `code` of a complete problem+json; nil if any part is missing.
    var problem: String? {
        guard headers["content-type"] == "application/problem+json", let json = try? json,
            json["status"] == .integer(Int64(status)), json["type"]?.string?.isEmpty == false,
            json["title"]?.string?.isEmpty == false, json["detail"]?.string?.isEmpty == false
        else { return nil }
        return json["code"]?.string
    }

    /// `404 unknown_customer`, or only the status if the answer is not a problem: what tables compare.
    var summary: String { problem.map { "\(status) \($0)" } ?? "\(status)" }

    /// The outcome of an acknowledged delivery: `accepted evt_1`.
    var receipt: String? {
        guard status == 200, headers["content-type"] == "application/json", let json = try? json,
            let members = json.object, members.count == 3, members["received"] == true,
            let outcome = json["outcome"]?.string, let id = json["id"]?.string
        else { return nil }
        return "\(outcome) \(id)"
    }
}

/// A TCP server that accepts every connection and never sends a byte.
struct SilentServer {
    let port: Int

    static func with(_ body: (SilentServer) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(SilentServer(port: channel.localAddress?.port ?? 0)))
        } catch {
            result = .failure(error)
        }
        try await channel.close()
        try result.get()
    }
}
