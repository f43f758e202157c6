// SPDX-License-Identifier: Apache-2.0

import Billing

/// What a customer has to spend.
package struct BalanceRecord: Sendable {
    package let customer: String
    /// The ledger's sum, less what has lapsed since.
    package let credits: Int64
    /// What open holds keep.
    package let held: Int64
    /// Those with something left, in the order in which they are spent.
    package let lots: [Lot]

    /// Below zero if credits are owed.
    package var available: Int64 { credits - held }

    init(_ balance: Balance) {
        customer = balance.customer
        credits = balance.credits
        held = balance.held
        lots = balance.lotsInOrder
    }
}
