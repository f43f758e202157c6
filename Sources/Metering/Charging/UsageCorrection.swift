// SPDX-License-Identifier: Apache-2.0

/// The difference that another price makes to a call that was charged already.
package struct UsageCorrection: Hashable, Sendable {
    /// With what its own id begins, and no call's does.
    package static let idPrefix = "corr_"

    /// The id of the call's record.
    package let record: String
    /// Of its customer, counted with the records.
    package let number: Int64
    /// The call as it is priced now; its amounts are the differences, and may be below zero.
    package let receipt: Receipt
    package let bill: Plan.Bill
    package let creditValue: CreditValue
    /// What of earlier charges was less than a credit, in dollars.
    package let carried: Dollars
    /// How much more of the month's cost, with its markups and with what is included, it is.
    package let markedUp: Dollars
    /// By how much it changed what the customer carries.
    package let moved: Dollars
}
