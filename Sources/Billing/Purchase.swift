import Stripe

/// One top-up, whatever and however many events name it.
public struct Purchase: Sendable, Hashable {
    /// Who said how many credits it buys, the more telling last: where two disagree, it overrules the other
    /// whichever came first.
    public enum Source: String, Sendable, Hashable, Comparable, CaseIterable {
        case paymentIntent = "payment_intent"
        case checkoutSession = "checkout_session"

        public static func < (lhs: Source, rhs: Source) -> Bool { lhs == .paymentIntent && rhs == .checkoutSession }
    }

    /// The payment intent, else the Checkout session: the business key that makes it credit once.
    public let id: String
    public var source: Source
    /// Credits it buys, 1 to 10^15.
    public var credits: Int64
    /// Credits the ledger has given for it so far.
    public var given: Int64
    /// Ledger entries written for it so far.
    public var entries: Int64

    public init(id: String, source: Source, credits: Int64, given: Int64 = 0, entries: Int64 = 0) {
        self.id = id
        self.source = source
        self.credits = credits
        self.given = given
        self.entries = entries
    }

    public mutating func merge(_ other: Purchase) {
        if (source, credits) < (other.source, other.credits) {
            (source, credits) = (other.source, other.credits)
        }
    }
}
