import HTTP
import Logging
import Metrics
import NIOCore
import NIOHTTP1
import Notation
import Store
import Stripe

/// `POST /webhooks/stripe`: verify the bytes, decode the envelope, make durable, answer. Nothing else happens here.
struct WebhookRoute: HotRoute {
    /// Seconds.
    private static let retryAfter = 5

    let method = HTTPMethod.POST
    let path = HotPath("/webhooks/stripe")
    /// Stripe's largest size is unpublished; 52 KB has been seen.
    let bodyLimit = BodyLimit(bytes: 1024 * 1024)
    let memory: BodyMemory? = BodyMemory(bytes: 128 * 1024 * 1024)

    private let acceptance: Acceptance
    private let patience: Duration
    private let verifier: SignatureVerifier
    private let counters: WebhookCounters
    private let refusals: RefusalLog
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
        counters = WebhookCounters(secrets: verifier.names, factory: metrics)
        refusals = RefusalLog(logger)
        self.now = now
        self.logger = logger
    }

    func answer(_ request: HotRequest<SignatureHeader>, _ reply: HotReply) {
        let deadline = ContinuousClock.now + patience
        let receivedAt = now()
        var delivery: Delivery
        let signer: (secret: WebhookSecret, name: String)
        do throws(ProblemDetails) {
            signer = try verify(request, at: receivedAt)
            delivery = try Self.delivery(of: request.body)
            delivery.secret = signer.name
        } catch {
            return reply(HotAnswer(error))
        }
        let lease = request.lease
        acceptance.take(delivery, receivedAt: receivedAt, signedWith: signer.secret, by: deadline) {
            [delivery] result in
            // Until here the body stays.
            withExtendedLifetime(lease) {
                reply { answer(to: delivery, result) }
            }
        }
    }

    private func answer(to delivery: Delivery, _ result: Result<Acceptance.Outcome, Acceptance.Unavailable>)
        -> HotAnswer
    {
        guard case .success(let outcome) = result else {
            counters.count("unavailable")
            return HotAnswer(
                .serviceUnavailable(
                    detail: "The event could not be made durable in time; send it again.", retryAfter: Self.retryAfter))
        }
        counters.count(outcome.rawValue)
        if outcome == .quarantined {
            logger.warning("a signed body is no event", metadata: ["event": "\(delivery.id)"])
        }
        // An id is printable ASCII, of which JSON escapes two.
        let document: JSON = ["received": true, "id": .string(delivery.id), "outcome": .string(outcome.rawValue)]
        return HotAnswer(document.bytes)
    }

    private static func delivery(of body: ByteBuffer) throws(ProblemDetails) -> Delivery {
        guard let delivery = Delivery(payload: Array(body.readableBytesView)) else {
            throw ProblemDetails.serviceUnavailable(detail: "The body could not be hashed.", retryAfter: retryAfter)
        }
        return delivery
    }

    /// A body is not kept before its headers could be a signature of now. That tells nobody more of this server's clock
    /// than its `Date` header does.
    func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) throws(ProblemDetails) -> SignatureHeader {
        let header = headers.value(of: "stripe-signature")
        let receivedAt = now()
        do throws(SignatureError) {
            return try verifier.claim(in: header, at: receivedAt)
        } catch {
            throw refuse(error, claimed: verifier.claimedTime(in: header), from: remoteAddress, at: receivedAt)
        }
    }

    /// - Returns: the secret that signed it.
    private func verify(
        _ request: HotRequest<SignatureHeader>, at now: Timestamp
    ) throws(ProblemDetails) -> (secret: WebhookSecret, name: String) {
        do throws(SignatureError) {
            guard let claim = request.claim else { throw .missing }
            let secret = try verifier.verify(claim, body: request.body.readableBytesView, at: now)
            let name = verifier.name(of: secret)
            counters.countVerified(by: name)
            return (secret, name)
        } catch {
            throw refuse(error, claimed: request.claim?.time, from: request.remoteAddress, at: now)
        }
    }

    private func refuse(
        _ error: SignatureError,
        claimed: Timestamp?,
        from remoteAddress: SocketAddress?,
        at now: Timestamp
    ) -> ProblemDetails {
        if case .unverifiable(let error) = error {
            // Ours, not the sender's: Stripe's retry can succeed.
            counters.count("unavailable")
            logger.error("signatures cannot be checked", metadata: ["error": "\(error)"])
            return .serviceUnavailable(detail: "The signature could not be checked.", retryAfter: Self.retryAfter)
        }
        counters.count(error.code)
        refusals.refused(error, claimed: claimed, from: remoteAddress, at: now)
        return .badRequest(code: error.code, detail: "\(error)")
    }
}
