// SPDX-License-Identifier: Apache-2.0

/// How many credits an object says a purchase buys. Configuration is not a fact: the credits are fixed when the
/// object's event is first applied, and later changes to the price map or the metadata key do not change them.
package struct CreditOffer: Sendable, Hashable {
    /// Where the number comes from, the most telling last.
    package enum Source: String, Sendable, Hashable {
        /// The price map, for the lines of an invoice or a Checkout session.
        case prices
        /// The object's metadata.
        case metadata
    }

    /// The most that one purchase may buy.
    package static let limit: Int64 = 1_000_000_000_000_000

    /// 1 to 10^15.
    package let credits: Int64
    package let source: Source
    /// The metadata key that was configured at the time.
    package let metadataKey: String
    /// The part of the payment that bought them, in the currency's smallest unit, according to the lines that sell them.
    package var lineAmount: Int64?
    /// The same, according to the metadata key `<key>_amount`.
    package var metadataAmount: Int64?

    package init(
        credits: Int64,
        source: Source,
        metadataKey: String,
        lineAmount: Int64? = nil,
        metadataAmount: Int64? = nil
    ) {
        self.credits = credits
        self.source = source
        self.metadataKey = metadataKey
        self.lineAmount = lineAmount
        self.metadataAmount = metadataAmount
    }

    /// Chooses between two events' statements about one object, independently of their order; what was fixed under
    /// another configuration stays.
    func merged(with other: CreditOffer?) -> CreditOffer {
        guard let other, other.metadataKey == metadataKey else { return self }
        if (credits, source) == (other.credits, other.source) {
            var both = self
            both.lineAmount = greater(lineAmount, other.lineAmount)
            both.metadataAmount = greater(metadataAmount, other.metadataAmount)
            return both
        }
        return switch (source, other.source) {
        case (.prices, .metadata): other
        case (.metadata, .metadata): other.credits > credits ? other : self
        case (_, .prices): self
        }
    }
}
