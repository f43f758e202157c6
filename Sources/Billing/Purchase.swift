// SPDX-License-Identifier: Apache-2.0

/// One purchase with what the ledger holds for it: what makes it credit once, whatever names it and whatever arrives
/// twice.
package struct Purchase: Sendable, Hashable {
    /// One of its objects, the key of its ledger entries: the PaymentIntent where that was known first.
    package let id: String
    package internal(set) var facts: PurchaseFacts
    /// The credits that the ledger holds for it, by customer. One customer, but while two purchases become one.
    package internal(set) var given: [String: Int64]
    /// Ledger entries written under its id so far.
    package internal(set) var entries: Int64

    package init(id: String, facts: PurchaseFacts = PurchaseFacts(), given: [String: Int64] = [:], entries: Int64 = 0) {
        self.id = id
        self.facts = facts
        self.given = given
        self.entries = entries
    }

    /// Takes over what is known of another that turned out to be the same.
    mutating func absorb(_ other: Purchase) {
        facts.merge(other.facts)
        given.merge(other.given, uniquingKeysWith: +)
    }

    /// Of several that become one, whose id stays: whichever has entries in the ledger, else the PaymentIntent, the
    /// Checkout session, the invoice, the charge.
    /// - Parameter news: what made them one; the objects of purchases that are new are described there only.
    func stays(before other: Purchase, _ news: PurchaseFacts) -> Bool {
        if entries != other.entries { return entries > other.entries }
        let (rank, otherRank) = (rank(news), other.rank(news))
        return rank != otherRank ? rank < otherRank : id < other.id
    }

    private func rank(_ news: PurchaseFacts) -> Int {
        switch facts.parts[id]?.kind ?? news.parts[id]?.kind {
        case .paymentIntent: 0
        case .checkoutSession: 1
        case .invoice: 2
        case .charge: 3
        case nil: 4
        }
    }
}
