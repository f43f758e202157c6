import Billing
import Stripe

/// Which customers to list. Nil means any.
public struct CustomerFilter: Sendable {
    public var allowed: Bool?
    public var reason: Reason?
    /// Whose answer has been what it is since a moment after this one.
    public var changedAfter: Timestamp?
    /// The id of the last customer of the page before.
    public var startingAfter: String?

    public init(
        allowed: Bool? = nil,
        reason: Reason? = nil,
        changedAfter: Timestamp? = nil,
        startingAfter: String? = nil
    ) {
        self.allowed = allowed
        self.reason = reason
        self.changedAfter = changedAfter
        self.startingAfter = startingAfter
    }

    /// The reasons that may stand in the answer.
    var reasons: [String] {
        Reason.allCases.filter { candidate in
            (allowed ?? candidate.allows) == candidate.allows && (reason ?? candidate) == candidate
        }.map(\.rawValue)
    }
}
