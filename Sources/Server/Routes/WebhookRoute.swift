import HTTPTypes
import Hummingbird
import Logging
import Metrics
import NIOCore
import Store
import Stripe

/// `POST /webhooks/stripe`: verify the bytes, decode once, make durable, answer. Nothing else happens here.
struct WebhookRoute: Sendable {
    /// How long Stripe waits for a durable event before it is told to come again.
    private static let budget: Duration = .seconds(2)
    /// Seconds.
    private static let retryAfter = 5
    /// Stripe's largest size is unpublished; 52 KB has been seen.
    private static let bodyLimit = 1024 * 1024

    private let inbox: Inbox
    private let verifier: SignatureVerifier
    private let metrics: any MetricsFactory
    private let now: @Sendable () -> Timestamp
    private let logger: Logger

    init(
        inbox: Inbox,
        verifier: SignatureVerifier,
        metrics: any MetricsFactory,
        now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.inbox = inbox
        self.verifier = verifier
        self.metrics = metrics
        self.now = now
        self.logger = logger
    }

    func register(on routes: some RouterMethods<ListenerContext>) {
        routes.post("/webhooks/stripe") { request, _ in try await receive(request) }
    }

    private func receive(_ request: Request) async throws -> Response {
        let body = try await request.collectBody(limit: Self.bodyLimit)
        let deadline = ContinuousClock.now + Self.budget
        try verify(body, header: Self.signature(of: request))
        let delivery = try decode(body)
        let receipt: Receipt
        do {
            receipt = try await inbox.receive(delivery, by: deadline)
        } catch is Inbox.Unavailable {
            count("unavailable")
            throw ProblemDetails.serviceUnavailable(
                detail: "The event could not be made durable in time; send it again.",
                retryAfter: Self.retryAfter
            )
        }
        count(receipt.rawValue)
        if receipt == .quarantined {
            logger.warning("a signed body is no event", metadata: ["event": "\(delivery.id)"])
        }
        return .document(["received": true, "id": .string(delivery.id), "outcome": .string(receipt.rawValue)])
    }

    private func verify(_ body: ByteBuffer, header: String?) throws(ProblemDetails) {
        do throws(SignatureError) {
            try verifier.verify(header: header, body: body.readableBytesView, at: now())
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

    private func decode(_ body: ByteBuffer) throws(ProblemDetails) -> Delivery {
        let payload = Array(body.readableBytesView)
        do throws(Event.DecodingFailure) {
            return Delivery(event: try Event(payload: payload), payload: payload)
        } catch {
            guard let digest = Digest.sha256(payload) else {
                throw .serviceUnavailable(detail: "The body could not be hashed.", retryAfter: Self.retryAfter)
            }
            return Delivery(quarantined: "\(error)", digest: digest, payload: payload)
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
