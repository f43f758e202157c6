// SPDX-License-Identifier: Apache-2.0

/// What a call will cost at most, before it is made.
package struct Estimate: Hashable, Sendable {
    package enum Warning: String, Sendable {
        case longContext = "long_context"
        /// The graver one.
        case expensive
    }

    /// Above what an estimate warns (`TOLLGATE_WARN_TOKENS`, `TOLLGATE_WARN_COST`).
    package struct Thresholds: Hashable, Sendable {
        /// Of the prompt, cached tokens included.
        package var tokens: Int64
        /// Of the cost.
        package var cost: Dollars

        package init(tokens: Int64, cost: Dollars) {
            self.tokens = tokens
            self.cost = cost
        }
    }

    package let cost: Dollars
    package let charge: Dollars
    /// Rounded up; 0 if the plan takes none.
    package let credits: Int64
    package let warning: Warning?
    /// Whether the customer may spend as much now.
    package let isEnough: Bool
}
