import Stripe

/// What is known of one subscription from its invoices.
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
    /// The furthest that any of its paid invoices reaches; nil where none is known to be paid.
    public var coverage: Coverage?

    public init(id: String, coverage: Coverage? = nil) {
        self.id = id
        self.coverage = coverage
    }

    public mutating func merge(_ other: Subscription) {
        coverage = latest(coverage, other.coverage)
    }
}
