// SPDX-License-Identifier: Apache-2.0

import Billing

/// The result of an operator's request to assign a purchase.
package enum AssignmentResult: Sendable {
    /// As it is now, by this request or an earlier one; and whose it was, if this request took it from somebody.
    case assigned(PurchaseRecord, takenFrom: Taking?)
    /// No event has named the object.
    case unknown
    /// Stripe's objects say that it belongs to another customer.
    case isOf(String)
    /// Nothing says how many credits it buys.
    case noCredits
    /// Its money has not arrived.
    case unpaid
    case overflow(BalanceOverflow)

    /// What moving a purchase to another customer did to its previous one.
    package struct Taking: Sendable {
        /// How many of its credits the ledger held for that customer.
        package let credits: Int64
        /// That customer's answer since then.
        package let access: AccessAnswer
    }
}
