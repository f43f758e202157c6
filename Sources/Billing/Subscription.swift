import Stripe

/// What is known of one subscription, from its own events and from its invoices.
public struct Subscription: Sendable, Hashable {
    /// How far its paid invoices reach.
    public enum Coverage: Sendable, Hashable, Comparable {
        case until(Timestamp)
        /// A paid invoice whose lines carry no period.
        case openEnded

        /// When it ends; nil for never.
        public var end: Timestamp? {
            if case .until(let end) = self { end } else { nil }
        }

        public static func < (lhs: Coverage, rhs: Coverage) -> Bool {
            switch (lhs, rhs) {
            case (.until(let one), .until(let other)): one < other
            case (.until, .openEnded): true
            case (.openEnded, _): false
            }
        }
    }

    public let id: String
    /// What its own events say; nil where none came (only invoice events are enabled).
    public var history: StatusHistory?
    /// The furthest that any of its paid invoices reaches; nil where none is known to be paid.
    public var coverage: Coverage?

    public init(id: String, history: StatusHistory? = nil, coverage: Coverage? = nil) {
        self.id = id
        self.history = history
        self.coverage = coverage
    }

    public var status: SubscriptionStatus? { history?.status }

    /// Over for good: its invoices are debts no longer.
    public var hasEnded: Bool { status?.isFinal ?? false }

    public mutating func merge(_ other: Subscription) {
        coverage = latest(coverage, other.coverage)
        guard let said = other.history else { return }
        history?.merge(said)
        history = history ?? said
    }
}
