import Stripe

/// One line of a customer's timeline: a change of `allowed`, `reason` or `until`, and its cause.
public struct AccessChange: Sendable, Hashable {
    public let at: Timestamp
    public let decision: Decision
    public let version: Int64
    public let cause: Cause

    public init(at: Timestamp, decision: Decision, version: Int64, cause: Cause) {
        self.at = at
        self.decision = decision
        self.version = version
        self.cause = cause
    }
}
