import Stripe

/// An operator's word, which stands above every rule until it ends or is taken back.
public struct Override: Sendable, Hashable {
    public let allowed: Bool
    public let reason: String
    /// When it ends by itself; nil for never.
    public let until: Timestamp?
    /// The label of the admin token that set it.
    public let `operator`: String
    public let setAt: Timestamp

    public init(allowed: Bool, reason: String, until: Timestamp?, operator: String, setAt: Timestamp) {
        self.allowed = allowed
        self.reason = reason
        self.until = until
        self.operator = `operator`
        self.setAt = setAt
    }

    public func isActive(at now: Timestamp) -> Bool {
        until.map { now < $0 } ?? true
    }
}
