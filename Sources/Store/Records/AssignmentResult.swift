// SPDX-License-Identifier: Apache-2.0

import Billing

/// What became of an operator's wish to assign a purchase.
package enum AssignmentResult: Sendable {
    /// As it is now, by this request or one before; and whose it was, where this request took it from somebody.
    case assigned(PurchaseRecord, takenFrom: Taking?)
    /// No event has named the object.
    case unknown
    /// Stripe's objects say that it is another customer's.
    case isOf(String)
    /// Nothing says how many credits it buys.
    case noCredits
    /// Its money has not come.
    case unpaid
    case overflow(BalanceOverflow)

    /// What a purchase's move to another customer did to the one whose it was.
    package struct Taking: Sendable {
        /// How many credits of it the ledger held for that customer.
        package let credits: Int64
        /// That customer's answer since.
        package let access: AccessAnswer
    }
}
