import Logging
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

    /// How long the disk may take on top of the time that the database had.
    private static let spoolTime: Duration = .milliseconds(900)

    let inbox: Inbox
    /// Nil where it is switched off.
    let spool: Spool?
    let logger: Logger

    /// - Parameters:
    ///   - receivedAt: when it came.
    ///   - deadline: until when the database is waited for.
    func take(
        _ delivery: Delivery,
        receivedAt: Timestamp,
        by deadline: ContinuousClock.Instant
    ) async throws(Unavailable) -> Outcome {
        do {
            switch try await inbox.receive(delivery, by: deadline) {
            case .accepted: return .accepted
            case .duplicate: return .duplicate
            case .quarantined: return .quarantined
            }
        } catch {
            // It may have been stored all the same: then its id tells when the spool is drained.
            guard let spool else { throw Unavailable() }
            let payload = delivery.payload
            let answer = await Patience.within(Self.spoolTime) { () -> String? in
                do throws(SpoolError) {
                    try await spool.append(payload, receivedAt: receivedAt)
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            switch answer {
            case .some(.none): return .spooled
            case .some(.some(let reason)): throw refusal(reason)
            case .none: throw refusal("the disk did not answer in time")
            }
        }
    }

    private func refusal(_ reason: String) -> Unavailable {
        logger.error("an event could not be spooled", metadata: ["error": "\(reason)"])
        return Unavailable()
    }
}
