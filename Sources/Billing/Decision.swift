import Stripe

/// Whether a customer may call the API, why, and when that ends by itself.
public struct Decision: Sendable, Hashable {
    public let reason: Reason
    /// The moment at which another decision takes over without any further event; nil while there is none.
    public let until: Timestamp?

    public init(_ reason: Reason, until: Timestamp? = nil) {
        self.reason = reason
        self.until = until
    }

    public var allowed: Bool { reason.allows }
}
