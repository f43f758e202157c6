// SPDX-License-Identifier: Apache-2.0

/// How many credits an object says a purchase buys. Configuration is no fact: they are fixed when the object's event is
/// first applied, and later changes of the price map or of the metadata key do not move them.
package struct Offer: Sendable, Hashable {
    /// Who said so, the more telling last.
    package enum Basis: String, Sendable, Hashable {
        /// The price map, for an invoice's lines.
        case prices
        /// The object's metadata.
        case metadata
    }

    /// The most that one purchase may buy.
    package static let limit: Int64 = 1_000_000_000_000_000

    /// 1 to 10^15.
    package let credits: Int64
    package let basis: Basis
    /// The metadata key that was configured then.
    package let key: String
    /// What of the payment bought them, in the currency's smallest unit, as the invoice's lines tell.
    package var lineAmount: Int64?
    /// The same, as the metadata key `<key>_amount` tells.
    package var metadataAmount: Int64?

    package init(
        credits: Int64,
        basis: Basis,
        key: String,
        lineAmount: Int64? = nil,
        metadataAmount: Int64? = nil
    ) {
        self.credits = credits
        self.basis = basis
        self.key = key
        self.lineAmount = lineAmount
        self.metadataAmount = metadataAmount
    }

    /// Of two events' words on one object the one that does not depend on their order; what was fixed under another
    /// configuration stays.
    func merged(with other: Offer?) -> Offer {
        guard let other, other.key == key else { return self }
        if (credits, basis) == (other.credits, other.basis) {
            var both = self
            both.lineAmount = greater(lineAmount, other.lineAmount)
            both.metadataAmount = greater(metadataAmount, other.metadataAmount)
            return both
        }
        return switch (basis, other.basis) {
        case (.prices, .metadata): other
        case (.metadata, .metadata): other.credits > credits ? other : self
        case (_, .prices): self
        }
    }
}
