import Notation
import Spool
import Store
import Stripe

/// Where a rightly signed delivery becomes durable: in the inbox, or where that does not take it in time, in the spool.
struct Acceptance: Sendable {
    enum Outcome: String, Sendable {
        case accepted, duplicate, quarantined, spooled
    }

    /// Neither of them took it: Stripe shall send it again.
    struct Unavailable: Error, Hashable {}

    /// How long the disk may take on top of the time that the database has; what that does not need, the disk has too.
    private static let spoolTime: Duration = .milliseconds(900)

    let inbox: Inbox
    /// Nil where it is switched off.
    let spool: Spool?
    let outages: Outages

    /// - Parameters:
    ///   - receivedAt: when it came.
    ///   - secret: what it is signed with.
    ///   - deadline: until when the database is waited for.
    ///   - answer: called once, from any thread.
    func take(
        _ delivery: Delivery,
        receivedAt: Timestamp,
        signedWith secret: WebhookSecret,
        by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<Outcome, Unavailable>) -> Void
    ) {
        inbox.receive(delivery, by: deadline) { result in
            switch result {
            case .success(.accepted): answer(.success(.accepted))
            case .success(.duplicate): answer(.success(.duplicate))
            case .success(.quarantined): answer(.success(.quarantined))
            // It may have been stored all the same: then its id tells when the spool is drained.
            case .failure:
                let limit = ContinuousClock.now.duration(to: deadline + Self.spoolTime)
                Task { answer(await keepOnDisk(delivery.payload, receivedAt, secret, within: limit)) }
            }
        }
    }

    private func keepOnDisk(
        _ payload: [UInt8],
        _ receivedAt: Timestamp,
        _ secret: WebhookSecret,
        within limit: Duration
    ) async -> Result<Outcome, Unavailable> {
        guard let spool else { return .failure(Unavailable()) }
        let failure = await Patience.within(limit) { () -> String? in
            do {
                // Signed anew, for Stripe's own header may be as long as it likes and says nothing of the receipt.
                let signature = try secret.sign(body: payload, at: receivedAt)
                try await spool.append(
                    SpooledRecord(receivedAt: receivedAt, payload: payload, signature: signature))
                return nil
            } catch {
                return "\(error)"
            }
        }
        switch failure {
        case .some(.none):
            outages.spooled()
            return .success(.spooled)
        case .some(.some(let reason)): return refusal(reason)
        case .none: return refusal("the disk did not answer in time")
        }
    }

    private func refusal(_ reason: String) -> Result<Outcome, Unavailable> {
        outages.failed(.spool, .spool, reason)
        return .failure(Unavailable())
    }
}
