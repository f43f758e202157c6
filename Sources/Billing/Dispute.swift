import Stripe

/// A dispute about a payment, as its newest event tells it.
public struct Dispute: Sendable, Hashable {
    /// In the order that settles which of two in one second counts.
    public enum Standing: String, Sendable, Hashable, CaseIterable, Comparable {
        /// An inquiry (`warning_*`), or one that was prevented: nothing is taken.
        case inquiry
        /// The money is away until it is decided.
        case open
        case won
        case lost

        public static func < (lhs: Standing, rhs: Standing) -> Bool { lhs.rank < rhs.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        public var takes: Bool { self == .open || self == .lost }

        /// Nil for a status that Stripe did not have when this was written.
        public init?(status: String) {
            switch status {
            case "needs_response", "under_review": self = .open
            // The bank's decision is contested: the money is still away.
            case let appeal where appeal.hasPrefix("appeal_"): self = .open
            case let inquiry where inquiry.hasPrefix("warning_"): self = .inquiry
            case "prevented": self = .inquiry
            // The refund that ended it takes the money.
            case "won", "charge_refunded": self = .won
            case "lost": self = .lost
            default: return nil
            }
        }
    }

    /// When its newest event happened.
    public var at: Timestamp
    public var standing: Standing
    /// In the currency's smallest unit; may differ from the charge's.
    public var amount: Int64
    public var currency: String?
    public var charge: String?
    public var paymentIntent: String?

    public init(
        at: Timestamp, standing: Standing, amount: Int64, currency: String? = nil, charge: String?,
        paymentIntent: String?
    ) {
        self.at = at
        self.standing = standing
        self.amount = amount
        self.currency = currency
        self.charge = charge
        self.paymentIntent = paymentIntent
    }

    mutating func merge(_ other: Dispute) {
        if (at, standing, amount) < (other.at, other.standing, other.amount) {
            (at, standing, amount) = (other.at, other.standing, other.amount)
        }
        currency = latest(currency, other.currency)
        charge = latest(charge, other.charge)
        paymentIntent = latest(paymentIntent, other.paymentIntent)
    }
}
