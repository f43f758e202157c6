// SPDX-License-Identifier: Apache-2.0

/// What a price sells, as an operator listed it.
package struct Price: Sendable, Hashable, ExpressibleByIntegerLiteral {
    /// How many credits one unit buys.
    package let credits: Int64
    /// What one unit costs, in the currency's smallest unit: prorations are sold in proportion. Nil: they sell nothing.
    package let unitAmount: Int64?

    package init(credits: Int64, unitAmount: Int64? = nil) {
        self.credits = credits
        self.unitAmount = unitAmount
    }

    package init(integerLiteral credits: Int64) {
        self.init(credits: credits)
    }
}
