// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import Notation
import Stripe
import Synchronization
import TestSupport

/// Load as from Stripe: distinct payments of a few customers, some reported by two events, some delivered twice. An
/// event that is not acknowledged may or may not have been stored.
final class Load: Sendable {
    /// The credits that each payment buys.
    static let credits: Int64 = 5
    private static let customers = 20

    struct Figures: Sendable {
        /// The answered outcome by event id.
        var acknowledged: [String: String] = [:]
        /// The payment's number by event id, for everything that was sent.
        var sent: [String: Int] = [:]
        var refused = 0
        var unanswered = 0
        var slowest: Duration = .zero

        var spooled: Int { acknowledged.values.count { $0 == "spooled" } }
        /// Stored in PostgreSQL before the answer.
        var taken: Int { acknowledged.count - spooled }
    }

    private let port: Int
    private let name: String
    private let secret: WebhookSecret
    private let client: HTTPClient
    private let state = Mutex((figures: Figures(), next: 0, isOver: false))

    init(port: Int, name: String) throws {
        self.port = port
        self.name = name
        secret = try WebhookSecret(value: FaultServer.secret)
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(2), read: .seconds(10))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    var figures: Figures { state.withLock { $0.figures } }

    /// Waits until this many more events have been acknowledged, so that a fault meets work and not an idle server.
    func advances(by count: Int) async throws {
        let goal = figures.acknowledged.count + count
        try await eventually("\(goal) acknowledged events") { figures.acknowledged.count >= goal ? true : nil }
    }

    /// Waits until events go into the database again.
    func recovers(within limit: Duration = .seconds(10)) async throws {
        let before = figures.taken
        try await eventually("recovery", within: limit) { figures.taken > before + 20 ? true : nil }
    }

    /// Posts until `body` is done.
    static func on(
        port: Int,
        _ name: String,
        senders: Int = 8,
        _ body: (Load) async throws -> Void
    ) async throws -> Figures {
        let load = try Load(port: port, name: name)
        let posting = Task {
            await withTaskGroup(of: Void.self) { group in
                for sender in 0..<senders { group.addTask { await load.post(seed: UInt64(sender)) } }
            }
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(load))
        } catch {
            result = .failure(error)
        }
        load.state.withLock { $0.isOver = true }
        await posting.value
        try await load.client.shutdown()
        try result.get()
        return load.figures
    }

    private func post(seed: UInt64) async {
        var random = SeededRandom(seed)
        while !state.withLock({ $0.isOver }) {
            let payment = state.withLock { state in
                state.next += 1
                return state.next
            }
            let isIntent = random.one(in: 2)
            await post(event(payment, isIntent: isIntent), payment)
            if random.one(in: 5) { await post(event(payment, isIntent: !isIntent), payment) }
            if random.one(in: 10) { await post(event(payment, isIntent: isIntent), payment) }
        }
    }

    static func customer(of payment: Int, _ name: String) -> String { "cus_\(name)_\(payment % customers)" }

    private func event(_ payment: Int, isIntent: Bool) -> JSON {
        let customer = JSON.string(Self.customer(of: payment, name))
        let intent = "pi_\(name)_\(payment)"
        return isIntent
            ? Events.paymentIntent(
                id: "evt_\(name)_\(payment)_i", customer: customer, paymentIntent: intent,
                credits: .string("\(Self.credits)"))
            : Events.checkout(
                id: "evt_\(name)_\(payment)_s", customer: customer, session: "cs_\(name)_\(payment)",
                paymentIntent: .string(intent), credits: .string("\(Self.credits)"))
    }

    private func post(_ event: JSON, _ payment: Int) async {
        let id = event["id"]?.string ?? ""
        let body = event.bytes
        let start = ContinuousClock.now
        state.withLock { $0.figures.sent[id] = payment }
        do {
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/webhooks/stripe")
            request.method = .POST
            request.headers.add(name: "Stripe-Signature", value: try secret.sign(body: body, at: .now))
            request.body = .bytes(ByteBuffer(bytes: body))
            let response = try await client.execute(request, timeout: .seconds(10))
            let answer = try await response.body.collect(upTo: 1 << 20)
            let took = start.duration(to: .now)
            let outcome = (try? JSON(bytes: Array(answer.readableBytesView)))?["outcome"]?.string
            state.withLock { state in
                state.figures.slowest = max(state.figures.slowest, took)
                if response.status.code == 200, let outcome {
                    state.figures.acknowledged[id] = outcome
                } else {
                    state.figures.refused += 1
                }
            }
        } catch {
            // The server is being killed: Stripe would retry.
            let isTimeout = error as? HTTPClientError == .deadlineExceeded || error as? HTTPClientError == .readTimeout
            state.withLock { $0.figures.unanswered += isTimeout ? 1 : 0 }
            if !isTimeout { try? await Task.sleep(for: .milliseconds(20)) }  // no server is listening
        }
    }
}
