// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Glibc
import Metrics
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Notation
import Stripe
import Synchronization
import Telemetry
import Timing

/// Asks Stripe's API, never faster than its budget, and again where that may help.
/// Source: https://docs.stripe.com/api
package final class StripeClient: Sendable {
    /// The version that answers are asked for in; the readers understand this one and those before it.
    package static let version = "2025-09-30.clover"
    /// What all clients of a process share.
    private final class Shared: Sendable {
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: StripeClient.httpConfiguration)
        let circuit = Mutex(StripeCircuit())
        /// Until when Stripe has asked for a pause.
        let pauseEnd = Mutex<ContinuousClock.Instant?>(nil)
        let requests: MetricHandles<String, Counter>

        init(_ metrics: any MetricsFactory) {
            requests = MetricHandles(StripeClient.outcomes) { Metric.stripeRequests.counter($0, in: metrics) }
            for outcome in StripeClient.outcomes { requests[outcome].increment(by: 0) }
        }
    }

    private let shared: Shared
    private let key: APIKey
    private let address: APIAddress
    /// For the whole answer, to its last byte.
    private let timeLimit: Duration
    private let sizeLimit: Int
    private let rule: RetryRule
    private let budget: Mutex<RequestBudget>

    /// Opens nothing yet. Whoever makes it closes it.
    /// - Parameters:
    ///   - rate: requests a second.
    ///   - timeLimit: for each attempt.
    ///   - sizeLimit: of an answer, in bytes. What it contains takes ten times as much memory. Stripe's events have some
    ///     kilobytes, and a page a hundred of them.
    package init(
        _ key: APIKey, at address: APIAddress, rate: Int = RequestBudget.standardRate,
        timeLimit: Duration = .seconds(30), sizeLimit: Int = 16 << 20, rule: RetryRule = RetryRule(),
        metrics: any MetricsFactory
    ) {
        self.timeLimit = timeLimit
        self.sizeLimit = sizeLimit
        self.rule = rule
        self.key = key
        self.address = address
        shared = Shared(metrics)
        budget = Mutex(RequestBudget(rate: rate))
    }

    private init(sharing other: StripeClient, rate: Int) {
        (shared, key, address) = (other.shared, other.key, other.address)
        (timeLimit, sizeLimit, rule) = (other.timeLimit, other.sizeLimit, other.rule)
        budget = Mutex(RequestBudget(rate: rate))
    }

    /// A client with a budget of its own, and the same connections, counts, circuit and pauses. Nobody closes it.
    /// - Parameter rate: requests a second.
    package func sharing(rate: Int) -> StripeClient { StripeClient(sharing: self, rate: rate) }

    package func close() async throws { try await shared.http.shutdown() }

    private static var httpConfiguration: HTTPClient.Configuration {
        // A redirect would take the key to another host.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return configuration
    }

    /// - Returns: the answer's body.
    /// - Throws: `StripeAPIError`; `CancellationError` if the task was cancelled while it waited.
    package func send(_ request: StripeRequest) async throws -> JSON { try await answer(to: request).json() }

    /// The same, as it came, with what its headers say.
    package func answer(to request: StripeRequest) async throws -> StripeAnswer {
        let rule = request.attempts.map { RetryRule(attempts: min($0, self.rule.limit)) } ?? self.rule
        var attempt = 1
        while true {
            try await waitForTurn()
            let (result, outcome) = await tryOnce(request)
            note(outcome)
            let random = Double.random(in: 0.5...1)
            if case .answered(429, _) = outcome {
                // The others wait too, whether or not it is sent again.
                let pause = RetryRule.pause(after: outcome, attempt: attempt, random: random)
                let end = ContinuousClock.now + pause
                shared.pauseEnd.withLock { $0 = max($0 ?? end, end) }
            }
            switch rule.action(after: outcome, attempt: attempt, random: random) {
            case .end: return try result.get()
            case .retry(let pause): try await Task.sleep(for: pause)
            }
            attempt += 1
        }
    }

    private func waitForTurn() async throws {
        guard shared.circuit.withLock({ $0.admit(at: .now) }) else {
            throw StripeAPIError.notAsked
        }
        let pauseEnd = shared.pauseEnd.withLock(\.self)
        let place = budget.withLock { budget in
            if let pauseEnd { budget.pause(until: pauseEnd) }
            return budget.reserve(at: .now)
        }
        try await Task.sleep(until: place, clock: .continuous)
    }

    // MARK: One attempt

    private func tryOnce(
        _ request: StripeRequest
    ) async -> (Result<StripeAnswer, StripeAPIError>, RetryRule.Outcome) {
        let began = ContinuousClock.now
        let limit = min(request.timeLimit ?? timeLimit, timeLimit)
        do {
            let (response, body) = try await exchange(httpRequest(request), within: limit)
            let (status, headers) = (Int(response.status.code), response.headers)
            let advice = RetryRule.Advice(headers)
            guard !(200..<300).contains(status) else {
                let date = headers.first(name: "Date").flatMap(StripeAnswer.time)
                let answer = StripeAnswer(bytes: body, date: date, took: began.duration(to: .now))
                return (.success(answer), .answered(status: status, advice))
            }
            let error = StripeAPIError(
                status: status, body: body, limit: advice.limit, request: headers.first(name: "Request-Id"))
            return (.failure(error), .answered(status: status, advice))
        } catch is NIOTooManyBytesError {
            return (.failure(.tooLarge(limit: sizeLimit)), .answered(status: 200, .init()))
        } catch {
            return (.failure(.unavailable(Self.words(for: error, limit))), .unanswered)
        }
    }

    private func httpRequest(_ request: StripeRequest) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: address.base + request.target)
        message.headers.add(name: "Authorization", value: "Bearer \(key.value)")
        message.headers.add(name: "Stripe-Version", value: Self.version)
        message.headers.add(name: "User-Agent", value: "tollgate/\(Version.current)")
        if let account = request.account { message.headers.add(name: "Stripe-Account", value: account) }
        if let context = request.context { message.headers.add(name: "Stripe-Context", value: context) }
        if let trigger = request.trigger {
            message.headers.add(name: "Stripe-Request-Trigger", value: "event=\(trigger)")
        }
        switch request.content {
        case .none: break
        case .form(let form, let idempotencyKey):
            message.method = .POST
            message.headers.add(name: "Idempotency-Key", value: idempotencyKey)
            message.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            message.body = .bytes(Array(StripeRequest.encoded(form).utf8))
        case .call(let idempotencyKey):
            message.method = .POST
            message.headers.add(name: "Idempotency-Key", value: idempotencyKey)
        }
        return message
    }

    /// The library's own limit covers only the head: a body could take forever.
    private func exchange(
        _ request: HTTPClientRequest, within timeLimit: Duration
    ) async throws -> (HTTPClientResponse, [UInt8]) {
        let (http, sizeLimit) = (shared.http, sizeLimit)
        return try await TimeLimit.within(timeLimit, orThrow: HTTPClientError.deadlineExceeded) {
            let response = try await http.execute(request, timeout: TimeAmount(timeLimit))
            let body = try await response.body.collect(upTo: sizeLimit)
            return (response, Array(body.readableBytesView))
        }
    }

    /// Words of ours: a library's may quote the request.
    private static func words(for error: any Error, _ timeLimit: Duration) -> String {
        switch error {
        case let error as HTTPClientError where [.deadlineExceeded, .readTimeout].contains(error):
            "it did not answer in \(timeLimit.components.seconds) s"
        case let error as HTTPClientError where error == .connectTimeout: "no connection in 5 s"
        case is HTTPClientError: "the connection was lost"
        case let error as NIOConnectionError:
            (error.connectionErrors.first?.error as? IOError).map(words) ?? "no address is known of \(error.host)"
        case let error as IOError: words(for: error)
        case is CancellationError: "it was not waited for"
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: "no secure connection"
        default: "no answer (\(type(of: error)))"
        }
    }

    private static func words(for error: IOError) -> String {
        "no connection: \(String(cString: strerror(error.errnoCode)).lowercased())"
    }

    // MARK: What came of them

    private static let outcomes = ["ok", "refused", "limited", "unavailable"]

    private func note(_ outcome: RetryRule.Outcome) {
        let word: String
        switch outcome {
        case .answered(429, _): word = "limited"
        case .answered(300..<400, _), .answered(500..., _), .unanswered: word = "unavailable"
        case .answered(200..<300, _): word = "ok"
        case .answered: word = "refused"
        }
        shared.requests[word].increment()
        shared.circuit.withLock { circuit in
            // An answer that refuses is one.
            if word == "unavailable" {
                circuit.failed(at: .now, random: .random(in: 0.5...1))
            } else {
                circuit.served()
            }
        }
    }
}

extension RetryRule.Advice {
    fileprivate init(_ headers: HTTPHeaders) {
        self.init(
            shouldRetry: headers.first(name: "Stripe-Should-Retry").flatMap { ["true": true, "false": false][$0] },
            retryAfter: headers.first(name: "Retry-After").flatMap { Int64($0) }.flatMap {
                (0...3600).contains($0) ? .seconds($0) : nil
            },
            limit: headers.first(name: "Stripe-Rate-Limited-Reason"))
    }
}
