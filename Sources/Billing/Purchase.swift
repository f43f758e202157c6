// SPDX-License-Identifier: Apache-2.0

import Notation

/// One purchase and what the ledger holds for it: it credits only once, whatever names it and whatever arrives twice.
package struct Purchase: Sendable, Hashable {
    /// One of its objects, and the key of its ledger entries: the PaymentIntent if that was known first.
    package let id: String
    package internal(set) var facts: PurchaseFacts
    /// The credits that the ledger holds for it, spent or not, by customer: its own, and while two purchases are merged or
    /// it changes its customer those of others. What has lapsed of it is never taken back.
    package internal(set) var credited: [String: Int64]
    /// How many ledger entries have been written under its id.
    package internal(set) var entries: Int64
    /// When its credits lapse, fixed by the first entry; nil for never.
    package internal(set) var expiresAt: Timestamp?
    /// Credits that were given beyond what it sells, before two purchases turned out to be one. They are taken back, but
    /// not what has lapsed of them.
    package internal(set) var excess: Int64

    package init(
        id: String, facts: PurchaseFacts = PurchaseFacts(), credited: [String: Int64] = [:], entries: Int64 = 0,
        expiresAt: Timestamp? = nil, excess: Int64 = 0
    ) {
        self.id = id
        self.facts = facts
        self.credited = credited
        self.entries = entries
        self.expiresAt = expiresAt
        self.excess = excess
    }

    /// Takes over what is known about another purchase that turned out to be the same.
    mutating func absorb(_ other: Purchase) {
        facts.merge(other.facts)
        credited.merge(other.credited, uniquingKeysWith: +)
    }

    /// What several gave its customer beyond what it sells, now that they are this one.
    func excess(of parts: [Purchase]) -> Int64 {
        let given = parts.filter { $0.entries > 0 && $0.facts.customer == facts.customer }
            .reduce(0) { $0 + ($1.facts.credits ?? 0) + $1.excess }
        return max(0, given - (facts.credits ?? 0))
    }

    /// Whose id stays when several become one: the purchase with the most ledger entries, else the PaymentIntent, the
    /// Checkout session, the invoice, the charge.
    /// - Parameter news: what made them one; the objects of new purchases are described only there.
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
