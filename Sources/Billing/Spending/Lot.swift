// SPDX-License-Identifier: Apache-2.0

import Notation

/// Credits that came at once, by a purchase or a grant, and what is left of them.
package struct Lot: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case purchase
        case grant
    }

    /// The id of the purchase; of a grant `grant_` and the number of its ledger entry.
    package let id: String
    package let kind: Kind
    /// The purchase whose refunds take from it: another than `id` if two turned out to be one. Nil for a grant.
    package internal(set) var purchase: String?
    /// Credits not spent yet, with those that are held.
    package internal(set) var remaining: Int64
    /// Credits that open holds keep; they stay after it has lapsed.
    package internal(set) var held: Int64
    /// When what is not held lapses; nil for never.
    package let expiresAt: Timestamp?

    package init(
        id: String, kind: Kind, purchase: String? = nil, remaining: Int64, held: Int64 = 0, expiresAt: Timestamp? = nil
    ) {
        precondition(0 <= held && held <= remaining, "a lot cannot hold more than it has")
        self.id = id
        self.kind = kind
        self.purchase = purchase
        self.remaining = remaining
        self.held = held
        self.expiresAt = expiresAt
    }

    /// Credits that can be spent or held.
    package var free: Int64 { remaining - held }

    package func hasLapsed(at now: Timestamp) -> Bool { expiresAt.map { $0 <= now } ?? false }

    /// Which of two is spent first: the one that lapses sooner, then the granted one, then the older one.
    static func isSpent(_ one: (age: Int, lot: Lot), before other: (age: Int, lot: Lot)) -> Bool {
        switch (one.lot.expiresAt, other.lot.expiresAt) {
        case (let a?, let b?) where a != b: a < b
        case (_?, nil): true
        case (nil, _?): false
        default:
            one.lot.kind == other.lot.kind ? one.age < other.age : one.lot.kind == .grant
        }
    }
}
