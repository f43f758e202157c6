// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Notation

/// Spends as a gateway does, over the private listeners of one server or more, each of which may get any request.
struct SpendingGateway: Sendable {
    enum Answer: Sendable {
        /// It is done, now or before.
        case done(JSON)
        /// 503, or none: it may be done or not.
        case unknown(isAnswer: Bool)
        /// Anything else, for what cannot be refused.
        case wrong(String)
    }

    private let ports: [Int]
    private let client: HTTPClient

    /// Lends one that may be used by many at once.
    static func with<T>(_ servers: FaultServer..., body: (SpendingGateway) async throws -> T) async throws -> T {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(2), read: .seconds(10))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<T, any Error>
        do {
            result = .success(try await body(SpendingGateway(ports: servers.map(\.privatePort), client: client)))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    func send(_ step: SpendingStep) async -> Answer {
        do {
            let (status, body) = try await send(
                step.method, step.path, step.body, token: FaultServer.gatewayToken, headers: [])
            return switch status {
            case 200, 201:
                step.result(in: (try? JSON(bytes: Array(body.utf8))) ?? .null).map(Answer.done)
                    ?? .wrong("\(step): \(body)")
            case 503: .unknown(isAnswer: true)
            default: .wrong("\(step): \(status) \(body)")
            }
        } catch {
            return .unknown(isAnswer: false)  // the server is being killed
        }
    }

    /// Gives a customer credits, as an operator does.
    func grant(_ credits: Int64, to customer: String, key: String, expiresAt: String?) async throws {
        let end = expiresAt.map { ",\"expires_at\":\"\($0)\"" } ?? ""
        let (status, body) = try await send(
            "POST", "/admin/v1/customers/\(customer)/credits", #"{"amount":\#(credits),"reason":"faults"\#(end)}"#,
            token: FaultServer.adminToken, headers: [("Idempotency-Key", key)])
        guard status == 200 else { throw Shell.Failed(description: "a grant to \(customer): \(status) \(body)") }
    }

    /// Has an operator approve what calls cost.
    func approve(_ rates: String) async throws {
        let (status, draft) = try await send(
            "POST", "/admin/v1/rates/drafts", rates, token: FaultServer.adminToken, headers: [])
        let id = (try? JSON(bytes: Array(draft.utf8)))?["id"]?.string ?? ""
        let (approved, body) = try await send(
            "POST", "/admin/v1/rates/drafts/\(id)/approve", nil, token: FaultServer.adminToken, headers: [])
        guard approved == 200 else { throw Shell.Failed(description: "rates: \(status) \(draft), \(approved) \(body)") }
    }

    private func send(
        _ method: String, _ path: String, _ body: String?, token: String, headers: [(String, String)]
    ) async throws -> (status: UInt, body: String) {
        let port = ports.randomElement() ?? 0
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .init(rawValue: method)
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await client.execute(request, timeout: .seconds(10))
        let answer = try await response.body.collect(upTo: 1 << 20)
        return (response.status.code, String(buffer: answer))
    }
}
