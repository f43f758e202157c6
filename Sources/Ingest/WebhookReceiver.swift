// SPDX-License-Identifier: Apache-2.0

import Logging
import Metrics
import Notation
import Store
import Stripe

/// Takes what Stripe delivers: verifies the bytes, decodes the envelope, makes it durable. Knows nothing of HTTP, and
/// nothing else happens here.
package struct WebhookReceiver: Sendable {
    /// Why a delivery was not accepted.
    package enum Refusal: Error, Sendable {
        /// Nothing of it is kept; if sent again, it is refused again.
        case notSigned(SignatureError)
        /// The fault is ours: Stripe should send it again.
        /// - Parameter detail: one sentence for the sender.
        case unavailable(detail: String)
    }

    /// A delivery that is durable.
    package struct Acknowledgement: Sendable {
        /// The event's id; `sha256_<hex of body>` for what is not an event.
        package let id: String
        package let receipt: Receipt
    }

    private let intake: DurableIntake
    private let timeout: Duration
    private let verifier: SignatureVerifier
    private let counters: ReceiptCounters
    private let refusals: RefusalLog
    private let now: @Sendable () -> Timestamp
    private let logger: Logger

    /// - Parameter timeout: how long to wait for the database, from the end of the request.
    package init(
        intake: DurableIntake,
        timeout: Duration,
        verifier: SignatureVerifier,
        metrics: any MetricsFactory,
        now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.intake = intake
        self.timeout = timeout
        self.verifier = verifier
        counters = ReceiptCounters(secrets: verifier.names, factory: metrics)
        refusals = RefusalLog(logger)
        self.now = now
        self.logger = logger
    }

    /// Called before any of the body is kept: checks whether its header could be a current signature. That reveals no
    /// more about this server's clock than its `Date` header does.
    /// - Parameters:
    ///   - header: `Stripe-Signature`.
    ///   - sender: the IP address at the other end of the connection, evaluated only if needed.
    package func admit(_ header: String?, from sender: @autoclosure () -> String?) throws(Refusal) -> SignatureHeader {
        let receivedAt = now()
        do throws(SignatureError) {
            return try verifier.claim(in: header, at: receivedAt)
        } catch {
            throw refuse(error, claimed: verifier.claimedTime(in: header), from: sender(), at: receivedAt)
        }
    }

    /// - Parameters:
    ///   - claim: what `admit` read from the header.
    ///   - answer: called once, from any thread.
    package func receive(
        _ body: [UInt8],
        claim: SignatureHeader,
        from sender: @autoclosure () -> String?,
        _ answer: @escaping @Sendable (Result<Acknowledgement, Refusal>) -> Void
    ) {
        let deadline = ContinuousClock.now + timeout
        let receivedAt = now()
        let secret: WebhookSecret
        do throws(SignatureError) {
            secret = try verifier.verify(claim, body: body, at: receivedAt)
        } catch {
            return answer(.failure(refuse(error, claimed: claim.time, from: sender(), at: receivedAt)))
        }
        let signer = verifier.name(of: secret)
        counters.countVerified(by: signer)
        guard let delivery = Delivery(payload: body, signer: signer) else {
            return answer(.failure(.unavailable(detail: "The body could not be hashed.")))
        }
        intake.take(delivery, receivedAt: receivedAt, signedWith: secret, by: deadline) { result in
            answer(acknowledge(delivery, result))
        }
    }

    private func acknowledge(
        _ delivery: Delivery,
        _ result: Result<Receipt, Inbox.Unavailable>
    ) -> Result<Acknowledgement, Refusal> {
        guard case .success(let receipt) = result else {
            counters.count(ReceiptCounters.unavailable)
            return .failure(
                .unavailable(detail: "The event could not be made durable in time; send it again."))
        }
        counters.count(receipt.rawValue)
        if receipt == .quarantined {
            logger.warning("a signed body is not an event", metadata: ["event": "\(delivery.id)"])
        }
        return .success(Acknowledgement(id: delivery.id, receipt: receipt))
    }

    private func refuse(
        _ error: SignatureError,
        claimed: Timestamp?,
        from sender: @autoclosure () -> String?,
        at now: Timestamp
    ) -> Refusal {
        if case .unverifiable(let error) = error {
            // The fault is ours, not the sender's: Stripe's retry can succeed.
            counters.count(ReceiptCounters.unavailable)
            logger.error("signatures cannot be checked", metadata: ["error": "\(error)"])
            return .unavailable(detail: "The signature could not be checked.")
        }
        counters.count(error.code)
        refusals.refused(error, claimed: claimed, from: sender(), at: now)
        return .notSigned(error)
    }
}
