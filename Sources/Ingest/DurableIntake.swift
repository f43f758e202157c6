// SPDX-License-Identifier: Apache-2.0

import Notation
import Spool
import Store
import Stripe
import Timing

/// Makes a correctly signed delivery durable: in the inbox or, if that does not take it in time, in the spool.
package struct DurableIntake: Sendable {
    /// How long the disk may take in addition to the database's time, including what the database leaves unused.
    private static let spoolTime: Duration = .milliseconds(900)

    private let inbox: Inbox
    private let spool: Spool?
    private let outages: Outages

    /// - Parameter spool: nil if it is switched off.
    package init(inbox: Inbox, spool: Spool?, outages: Outages) {
        self.inbox = inbox
        self.spool = spool
        self.outages = outages
    }

    /// - Parameters:
    ///   - receivedAt: when it arrived.
    ///   - secret: the secret that signed it.
    ///   - deadline: until when to wait for the database.
    ///   - answer: called once, from any thread.
    package func take(
        _ delivery: Delivery,
        receivedAt: Timestamp,
        signedWith secret: WebhookSecret,
        by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<Receipt, Inbox.Unavailable>) -> Void
    ) {
        inbox.receive(delivery, by: deadline) { result in
            switch result {
            case .success: answer(result)
            // It may have been stored all the same: its id then shows that when the spool is drained.
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
    ) async -> Result<Receipt, Inbox.Unavailable> {
        guard let spool else { return .failure(Inbox.Unavailable()) }
        let failure = await Deadline.within(limit) { () -> String? in
            do {
                // Signed again, because Stripe's own header may be of any length and says nothing about the receipt.
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

    private func refusal(_ reason: String) -> Result<Receipt, Inbox.Unavailable> {
        outages.failed(.spool, .spool, reason)
        return .failure(Inbox.Unavailable())
    }
}
