import Billing
import Notation

/// The flag as a gateway reads it.
package struct AccessAnswer: Sendable, Hashable {
    package let customer: String
    package let decision: Decision
    package let credits: Int64
    /// Grows with every change of the answer.
    package let version: Int64
    package let changedAt: Timestamp
    /// What follows by itself, in order.
    package let upcoming: [Access.Segment]

    package init(
        customer: String,
        decision: Decision,
        credits: Int64,
        version: Int64,
        changedAt: Timestamp,
        upcoming: [Access.Segment]
    ) {
        self.customer = customer
        self.decision = decision
        self.credits = credits
        self.version = version
        self.changedAt = changedAt
        self.upcoming = upcoming
    }

    /// The answer at a later time, if nothing happens until then.
    package func elapsed(to now: Timestamp) -> AccessAnswer {
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
