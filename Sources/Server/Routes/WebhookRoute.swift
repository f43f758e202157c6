import HTTPTypes
import Hummingbird
import Logging
import Metrics
import NIOCore
import Store
import Stripe

/// `POST /webhooks/stripe`: verify the bytes, decode once, make durable, answer. Nothing else happens here.
struct WebhookRoute: Sendable {
    /// Seconds.
    private static let retryAfter = 5
    /// Stripe's largest size is unpublished; 52 KB has been seen.
    private static let bodyLimit = 1024 * 1024

    /// All bodies together.
    private static let memory = 128 * 1024 * 1024

    private let acceptance: Acceptance
    private let patience: Duration
    private let budget = MemoryBudget(bytes: Self.memory)
    private let verifier: SignatureVerifier
    private let metrics: any MetricsFactory
    private let now: @Sendable () -> Timestamp
    private let logger: Logger

    /// - Parameter patience: how long the database is waited for, from the end of the request.
    init(
        acceptance: Acceptance,
        patience: Duration,
        verifier: SignatureVerifier,
        metrics: any MetricsFactory,
        now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.acceptance = acceptance
        self.patience = patience
        self.verifier = verifier
        self.metrics = metrics
        self.now = now
        self.logger = logger
    }

    func register(on routes: some RouterMethods<ListenerContext>) {
        routes.post("/webhooks/stripe") { request, _ in try await receive(request) }
    }

    private func receive(_ request: Request) async throws -> Response {
        let lease = MemoryBudget.Lease(budget)
        defer { withExtendedLifetime(lease) {} }  // until the answer, for so long the body stays
        let body = try await request.collectBody(limit: Self.bodyLimit, lease: lease)
        let deadline = ContinuousClock.now + patience
        let receivedAt = now()
        try verify(body, header: Self.signature(of: request), at: receivedAt)
        guard let delivery = Delivery(payload: Array(body.readableBytesView)) else {
            throw ProblemDetails.serviceUnavailable(
                detail: "The body could not be hashed.", retryAfter: Self.retryAfter)
        }
        let outcome: Acceptance.Outcome
        do {
            outcome = try await acceptance.take(delivery, receivedAt: receivedAt, by: deadline)
        } catch {
            count("unavailable")
            throw ProblemDetails.serviceUnavailable(
                detail: "The event could not be made durable in time; send it again.",
                retryAfter: Self.retryAfter
            )
        }
        count(outcome.rawValue)
        if outcome == .quarantined {
            logger.warning("a signed body is no event", metadata: ["event": "\(delivery.id)"])
        }
        return .document(["received": true, "id": .string(delivery.id), "outcome": .string(outcome.rawValue)])
    }

    private func verify(_ body: ByteBuffer, header: String?, at now: Timestamp) throws(ProblemDetails) {
        do throws(SignatureError) {
            try verifier.verify(header: header, body: body.readableBytesView, at: now)
        } catch .unverifiable(let error) {
            // Ours, not the sender's: Stripe's retry can succeed.
            count("unavailable")
            logger.error("signatures cannot be checked", metadata: ["error": "\(error)"])
            throw .serviceUnavailable(detail: "The signature could not be checked.", retryAfter: Self.retryAfter)
        } catch {
            count(error.code)
            throw .badRequest(code: error.code, detail: "\(error)")
        }
    }

    /// Several header lines are one list, as HTTP has it: to pick one of them would be a guess.
    private static func signature(of request: Request) -> String? {
        guard let name = HTTPField.Name("Stripe-Signature") else { return nil }
        let values = request.headers[values: name]
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    private func count(_ outcome: String) {
        Counter(label: Metric.received, dimensions: [("outcome", outcome)], factory: metrics).increment()
    }
}
