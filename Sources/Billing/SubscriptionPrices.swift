// SPDX-License-Identifier: Apache-2.0

import Notation

/// The prices of a subscription's items, as its newest event lists them.
package struct SubscriptionPrices: Sendable, Hashable, Comparable {
    /// Of the event.
    package let second: Timestamp
    /// In their order, each once.
    package let ids: [String]

    /// Nil for no prices: events that list none say nothing.
    package init?(_ ids: some Sequence<String>, at second: Timestamp) {
        self.second = second
        // Stripe allows 20.
        self.ids = Array(Set(ids).sorted().prefix(100))
        if self.ids.isEmpty { return nil }
    }

    /// Of two lists of one second, either may be the newer one: the choice must not depend on the order of arrival.
    package static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.second == rhs.second ? lhs.ids.lexicographicallyPrecedes(rhs.ids) : lhs.second < rhs.second
    }
}
