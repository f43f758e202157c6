// SPDX-License-Identifier: Apache-2.0

/// What one call cost, and what its customer is charged: it adds up to the last digit.
package struct Receipt: Hashable, Sendable {
    package let lines: [ReceiptLine]
    /// The sum of the lines.
    package let cost: Dollars
    package let charge: Dollars
    /// What was carried and the charge, in whole credits; 0 if the plan takes none.
    package let credits: Int64
    /// What the customer carries from now on, in dollars: less than a credit is worth.
    package let remainder: Dollars
    /// The version of the price book; nil if nothing was used.
    package let rate: String?
    /// The version of the plan.
    package let plan: String

    package init(
        lines: [ReceiptLine], cost: Dollars, charge: Dollars, credits: Int64, remainder: Dollars, rate: String?,
        plan: String
    ) {
        self.lines = lines
        self.cost = cost
        self.charge = charge
        self.credits = credits
        self.remainder = remainder
        self.rate = rate
        self.plan = plan
    }
}
