// SPDX-License-Identifier: Apache-2.0

/// Why nothing was done. None of these uses up an id.
package enum SpendingRefusal: Error, Sendable, Hashable {
    /// No event and no operator has named the customer.
    case unknownCustomer
    /// The customer has no hold of that id.
    case unknownHold
    /// The flag denies, for another reason than want of credits or of a subscription.
    case denied(Reason)
    /// Fewer credits are available than asked for; below zero if some are owed.
    case insufficientCredits(available: Int64)
    /// The hold has ended, so its id cannot be used again.
    case holdResolved
    case holdSettled
    case holdReleased
    case holdExpired
    /// The same id was used with other terms.
    case conflict
    /// The balance would leave 64 bits.
    case overflow
}
