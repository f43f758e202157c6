// SPDX-License-Identifier: Apache-2.0

/// What a customer is charged for what calls cost.
package struct Plan: Hashable, Sendable {
    /// What a charge is taken from.
    package enum Bill: String, Sendable, CaseIterable {
        case credits
        /// Stripe's meters: no credits are taken.
        case meter
        case none
    }

    /// Another markup for what of the month's cost is above an amount.
    package struct Tier: Hashable, Sendable {
        package var above: Dollars
        package var markup: Factor
    }

    /// What one call takes at most: as much as a debit.
    static let mostCredits: Int64 = 1_000_000_000_000_000

    package var markup: Factor
    package var bill: Bill
    /// What of the month's charge is free.
    package var included = Dollars.zero
    /// In order. Each markup is for its part of the cost.
    package var tiers: [Tier] = []
    /// Subscription prices of Stripe's whose customers have the plan.
    package var prices: [String] = []

    /// Of whom no price names one: credits for what it costs.
    package static let standard = Plan(markup: .one, bill: .credits)
}
