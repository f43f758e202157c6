// SPDX-License-Identifier: Apache-2.0

/// A call that was priced and charged.
package struct UsageCharge: Hashable, Sendable {
    package let report: UsageReport
    /// Of its customer, counted from 1 in the order in which they are charged.
    package let number: Int64
    package let receipt: Receipt
    package let bill: Plan.Bill
    package let creditValue: CreditValue
    /// What of earlier charges was less than a credit, in dollars.
    package let carried: Dollars
    package let marks: Set<UsageReading.Mark>
    /// How much of the month's cost, with its markups and with what is included, it is.
    package let markedUp: Dollars
    /// By how much it changed what the customer carries.
    package let moved: Dollars

    /// How much of each pool it used, of all its models.
    package var pools: [Pool: Int64] {
        receipt.lines.reduce(into: [:]) { $0[$1.pool, default: 0] += $1.quantity }
    }
}
