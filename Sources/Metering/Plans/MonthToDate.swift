// SPDX-License-Identifier: Apache-2.0

/// What a customer's calls of one UTC month have come to so far: what tiers and allowances are counted by.
package struct MonthToDate: Hashable, Sendable {
    /// At list prices.
    package var cost: Dollars
    /// With their markups, and with what was included.
    package var markedUp: Dollars

    package init(cost: Dollars = .zero, markedUp: Dollars = .zero) {
        self.cost = cost
        self.markedUp = markedUp
    }
}
