// SPDX-License-Identifier: Apache-2.0

import Notation

/// Credits kept for one call while it runs: it ends once, by a settlement, a release or its expiry.
package struct Hold: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case open
        /// Debited, by its gateway or by expiring.
        case settled
        /// Given back by its gateway.
        case released
        /// Given back because nobody settled it in time; it can still be settled.
        case expired
    }

    /// What becomes of a hold that nobody settles in time.
    package enum OnExpiry: String, Sendable, Hashable, CaseIterable {
        case release
        /// All that was granted is debited.
        case settle
    }

    /// What was asked for: the same id with other terms is a conflict.
    package struct Terms: Sendable, Hashable {
        /// 1 to 10^15 credits.
        package let amount: Int64
        /// The least that is of use: 1 to `amount`.
        package let minimum: Int64
        /// In whole seconds.
        package let ttl: Duration
        package let onExpiry: OnExpiry
        package let metadata: [String: String]
        /// The call that `amount` is an estimate of: another time the same call may be estimated otherwise.
        package let estimate: JSON?

        package init(
            amount: Int64, minimum: Int64? = nil, ttl: Duration = .seconds(600), onExpiry: OnExpiry = .release,
            metadata: [String: String] = [:], estimate: JSON? = nil
        ) {
            self.amount = amount
            self.minimum = minimum ?? amount
            self.ttl = ttl
            self.onExpiry = onExpiry
            self.metadata = metadata
            self.estimate = estimate
        }

        /// Whether somebody who repeats these asks for the same hold.
        func asksFor(_ other: Terms) -> Bool {
            guard let estimate else { return self == other }
            return estimate == other.estimate && ttl == other.ttl && onExpiry == other.onExpiry
                && metadata == other.metadata
        }
    }

    /// What it took from one lot, with what is needed to give it back after the lot is spent.
    package struct Part: Sendable, Hashable {
        package let lot: String
        package let kind: Lot.Kind
        package let amount: Int64
        package let expiresAt: Timestamp?

        package init(lot: String, kind: Lot.Kind, amount: Int64, expiresAt: Timestamp?) {
            self.lot = lot
            self.kind = kind
            self.amount = amount
            self.expiresAt = expiresAt
        }
    }

    /// How it was debited.
    package struct Settlement: Sendable, Hashable {
        package let debited: Int64
        package let released: Int64
        /// Whether it came after the expiry.
        package let isLate: Bool
        /// Whether no gateway has said yet what was used: it expired, and all that was granted is debited.
        package let isByExpiry: Bool
        /// The balance just after it.
        package let credits: Int64
        package let available: Int64

        package init(
            debited: Int64, released: Int64, isLate: Bool = false, isByExpiry: Bool = false, credits: Int64,
            available: Int64
        ) {
            self.debited = debited
            self.released = released
            self.isLate = isLate
            self.isByExpiry = isByExpiry
            self.credits = credits
            self.available = available
        }

        /// How far below zero the balance was then.
        package var overdraft: Int64 { credits < 0 ? 0 - max(credits, -.max) : 0 }
    }

    /// Chosen by the gateway; never used twice for one customer.
    package let id: String
    package let terms: Terms
    package let granted: Int64
    /// In the order in which they are debited; they add up to `granted`.
    package let parts: [Part]
    /// What else was available just after it.
    package let available: Int64
    package let createdAt: Timestamp
    package internal(set) var expiresAt: Timestamp
    package internal(set) var status: Status
    package internal(set) var endedAt: Timestamp?
    /// Of a settled hold.
    package internal(set) var settlement: Settlement?
    /// What lapsed because its expiry gave it back, by lot: a late settlement takes that first.
    package internal(set) var lapsed: [String: Int64]

    package init(
        id: String, terms: Terms, granted: Int64, parts: [Part], available: Int64, createdAt: Timestamp,
        expiresAt: Timestamp, status: Status = .open, endedAt: Timestamp? = nil, settlement: Settlement? = nil,
        lapsed: [String: Int64] = [:]
    ) {
        self.id = id
        self.terms = terms
        self.granted = granted
        self.parts = parts
        self.available = available
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.status = status
        self.endedAt = endedAt
        self.settlement = settlement
        self.lapsed = lapsed
    }

    func isDue(at now: Timestamp) -> Bool { status == .open && expiresAt <= now }
}
