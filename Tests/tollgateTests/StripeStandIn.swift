// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Notation
import Synchronization

/// Something that plays Stripe's API: webhook endpoints, and lists that say whether a key may read them. Real sockets; what
/// goes wrong is set by the test. Shapes: https://docs.stripe.com/api/webhook_endpoints
final class StripeStandIn: Sendable {
    struct State {
        var endpoints: [[String: JSON]] = []
        var events: [JSON] = []
        /// `v2.core.event_destination`s.
        var destinations: [JSON] = []
        /// What the key may not do, by path.
        var denied: [String: String] = [:]
        /// How many more changes are made without an answer.
        var lostAnswers = 0
        /// How many more answers of any kind are 503.
        var refusals = 0
        var isKeyValid = true
        /// Connected accounts that have withdrawn their access.
        var revoked: Set<String> = []
        /// Paths that are answered with 503.
        var away: Set<String> = []
        /// The HTTP statuses of refusals, by path.
        var statuses: [String: Int] = [:]
        /// What is answered in place of anything else.
        var strange: JSON?
        /// The same, by path.
        var odd: [String: JSON] = [:]
        /// Of webhook endpoints.
        var limit = 16
        /// What it answers takes that long.
        var delay: Duration = .zero
        /// How far its clock is ahead, in seconds.
        var clockOffset = 0
        fileprivate var remembered: [String: (form: String, answer: Answer)] = [:]
        /// `POST /v1/webhook_endpoints url=…`
        fileprivate(set) var changes: [String] = []
        fileprivate(set) var pings = 0
        /// Called with the id of the event of a ping.
        var onPing: (@Sendable (String) -> Void)?
    }

    struct Answer {
        let status: Int
        let body: JSON
    }

    static let key = "rk_test_4eC39HqLyjWDarjtT1zdp7dc"

    private let state: Mutex<State>
    private let channel: any Channel

    /// Lends one on a free port.
    static func with<T>(_ state: sending State = State(), _ body: (StripeStandIn) async throws -> T) async throws -> T {
        let standIn = try await StripeStandIn(state)
        let result: Result<T, any Error>
        do {
            result = .success(try await body(standIn))
        } catch {
            result = .failure(error)
        }
        try await standIn.channel.close()
        return try result.get()
    }

    private init(_ state: sending State) async throws {
        self.state = Mutex(state)
        let shared = Shared()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering(shared))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        shared.standIn.withLock { $0 = self }
    }

    var environment: [String: String] {
        [
            "STRIPE_API_KEY": Self.key, "STRIPE_MODE": "test",
            "STRIPE_API_BASE": "http://127.0.0.1:\(channel.localAddress?.port ?? 0)",
        ]
    }

    func change<T>(_ body: (inout State) -> T) -> T { state.withLock { body(&$0) } }

    var endpoints: [JSON] { state.withLock { $0.endpoints.map(JSON.object) } }
    var changes: [String] { state.withLock { $0.changes } }

    // MARK: Answers

    fileprivate func headers(_ count: Int) -> (HTTPHeaders, Duration) {
        let (offset, delay) = state.withLock { ($0.clockOffset, $0.delay) }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let date = formatter.string(from: Date().addingTimeInterval(TimeInterval(offset)))
        return (HTTPHeaders([("Content-Length", "\(count)"), ("Date", date), ("Request-Id", "req_1")]), delay)
    }

    /// - Returns: nil to close the connection instead.
    fileprivate func answer(_ head: HTTPRequestHead, _ body: String) -> Answer? {
        state.withLock { state in
            if state.refusals > 0 {
                state.refusals -= 1
                return Self.error(503, "api_error")
            }
            guard state.isKeyValid, head.headers.first(name: "Authorization") == "Bearer \(Self.key)" else {
                return Self.error(401, "invalid_request_error")
            }
            let path = String(head.uri.prefix { $0 != "?" })
            if state.away.contains(path) { return Self.error(503, "api_error") }
            if let status = state.statuses[path] { return Self.error(status, "invalid_request_error") }
            if let strange = state.strange ?? state.odd[path] { return Answer(status: 200, body: strange) }
            if let account = head.headers.first(name: "Stripe-Account"), state.revoked.contains(account) {
                let body: JSON = ["error": ["type": "invalid_request_error", "code": "account_invalid"]]
                return Answer(status: 403, body: body)
            }
            if let permission = state.denied[path] {
                let message =
                    "The provided key 'rk_test_*********zdp7' does not have the required permissions for this endpoint. "
                    + "Having the '\(permission)' permission would allow this request to continue."
                return Self.error(403, "invalid_request_error", message)
            }
            guard head.method == .POST else { return Self.read(path, head.uri, state) }
            state.changes.append("POST \(path) \(body.removingPercentEncoding ?? body)")
            let answer = Self.change(path, body, head.headers.first(name: "Idempotency-Key") ?? "", &state)
            guard state.lostAnswers == 0 else {
                state.lostAnswers -= 1
                return nil
            }
            return answer
        }
    }

    private static func error(_ status: Int, _ type: String, _ message: String = "No.") -> Answer {
        Answer(status: status, body: ["error": ["type": .string(type), "message": .string(message)]])
    }

    private static func list(_ data: [JSON], _ path: String) -> Answer {
        let body: JSON = ["object": "list", "url": .string(path), "has_more": false, "data": .array(data)]
        return Answer(status: 200, body: body)
    }

    private static func read(_ path: String, _ uri: String, _ state: State) -> Answer {
        switch path {
        case "/v1/webhook_endpoints": return pages(state.endpoints, uri)
        case "/v1/events": return list(state.events, path)
        case "/v2/core/event_destinations":
            return Answer(status: 200, body: ["data": .array(state.destinations), "next_page_url": .null])
        case _ where path.hasPrefix("/v1/webhook_endpoints/"):
            let found = state.endpoints.first {
                $0["id"]?.string == String(path.dropFirst("/v1/webhook_endpoints/".count))
            }
            return found.map { Answer(status: 200, body: .object($0)) } ?? error(404, "invalid_request_error")
        default: return list([], path)
        }
    }

    /// Two a page, newest first.
    private static func pages(_ endpoints: [[String: JSON]], _ uri: String) -> Answer {
        let all = Array(endpoints.reversed())
        let after = uri.firstMatch(of: /starting_after=(\w+)/).map { String($0.1) }
        let start = after.flatMap { id in all.firstIndex { $0["id"]?.string == id } }.map { $0 + 1 } ?? 0
        let page = all[start...].prefix(2).map(JSON.object)
        let body: JSON = ["object": "list", "has_more": .bool(start + 2 < all.count), "data": .array(page)]
        return Answer(status: 200, body: body)
    }

    private static func change(_ path: String, _ form: String, _ key: String, _ state: inout State) -> Answer {
        if path.hasSuffix("/ping") {
            state.pings += 1
            let id = "evt_ping_\(state.pings)"
            state.onPing?(id)
            return Answer(status: 200, body: ["id": .string(id), "object": "v2.core.event"])
        }
        let fields = form.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            return (name: parts[0], value: parts.count > 1 ? parts[1] : "")
        }
        if path == "/v1/webhook_endpoints" {
            if let past = state.remembered[key] {
                return past.form == form ? past.answer : error(400, "idempotency_error")
            }
            guard state.endpoints.count < state.limit else {
                // A refusal is remembered too.
                state.remembered[key] = (form, error(400, "invalid_request_error"))
                return error(400, "invalid_request_error")
            }
            let number = state.endpoints.count + 1
            var endpoint: [String: JSON] = [
                "id": .string("we_\(number)"), "object": "webhook_endpoint", "status": "enabled", "livemode": false,
                "created": .integer(Int64(Date().timeIntervalSince1970)), "metadata": [:], "application": .null,
            ]
            apply(fields, to: &endpoint)
            state.endpoints.append(endpoint)
            endpoint["secret"] = .string("whsec_secretOfEndpoint\(number)")
            let answer = Answer(status: 200, body: .object(endpoint))
            state.remembered[key] = (form, answer)
            return answer
        }
        guard let index = state.endpoints.firstIndex(where: { path.hasSuffix("/\($0["id"]?.string ?? "")") }) else {
            return error(404, "invalid_request_error")
        }
        apply(fields, to: &state.endpoints[index])
        return Answer(status: 200, body: .object(state.endpoints[index]))
    }

    private static func apply(_ fields: [(name: String, value: String)], to endpoint: inout [String: JSON]) {
        let types = fields.filter { $0.name == "enabled_events[]" }.map { JSON.string($0.value) }
        if !types.isEmpty { endpoint["enabled_events"] = .array(types) }
        var metadata = endpoint["metadata"]?.object ?? [:]
        for field in fields where field.name.hasPrefix("metadata[") {
            metadata[String(field.name.dropFirst("metadata[".count).dropLast())] = .string(field.value)
        }
        endpoint["metadata"] = .object(metadata)
        for field in fields {
            switch field.name {
            case "url", "api_version": endpoint[field.name] = .string(field.value)
            case "disabled": endpoint["status"] = field.value == "true" ? "disabled" : "enabled"
            case "connect": endpoint["application"] = "ca_1"
            default: break
            }
        }
    }
}

/// Known to the connections before the server is whole.
private final class Shared: Sendable {
    let standIn = Mutex<StripeStandIn?>(nil)
}

/// One connection.
private final class Answering: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let shared: Shared
    private var head: HTTPRequestHead?
    private var body = ""

    init(_ shared: Shared) {
        self.shared = shared
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, "")
        case .body(let bytes): body += String(buffer: bytes)
        case .end:
            guard let head, let standIn = shared.standIn.withLock(\.self), let answer = standIn.answer(head, body)
            else {
                context.close(promise: nil)
                return
            }
            let bytes = ByteBuffer(bytes: answer.body.bytes)
            let (headers, delay) = standIn.headers(bytes.readableBytes)
            let response = HTTPResponseHead(
                version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
            let channel = context.channel
            channel.eventLoop.scheduleTask(in: TimeAmount(delay)) {
                channel.write(HTTPServerResponsePart.head(response), promise: nil)
                channel.write(HTTPServerResponsePart.body(.byteBuffer(bytes)), promise: nil)
                channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
            }
        }
    }
}
