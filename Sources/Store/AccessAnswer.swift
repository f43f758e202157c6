import Billing
import Postgres
import Stripe

/// The flag as a gateway reads it.
public struct AccessAnswer: Sendable, Hashable {
    public let customer: String
    public let decision: Decision
    public let credits: Int64
    /// Grows with every change of the answer.
    public let version: Int64
    public let changedAt: Timestamp
    /// What follows by itself, in order.
    public let upcoming: [Access.Segment]

    /// The answer at a later time, if nothing happens until then.
    public func elapsed(to now: Timestamp) -> AccessAnswer {
        guard let current = upcoming.last(where: { $0.from <= now }) else { return self }
        return AccessAnswer(
            customer: customer,
            decision: current.decision,
            credits: credits,
            version: current.version,
            changedAt: current.from,
            upcoming: upcoming.filter { $0.from > now }
        )
    }
}
