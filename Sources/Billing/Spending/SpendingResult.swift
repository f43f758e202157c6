// SPDX-License-Identifier: Apache-2.0

/// What came of a `Spending`.
package enum SpendingResult: Sendable, Hashable {
    /// A hold as it is now, with the balance: that of this moment, except where the hold itself says what it was.
    /// - Parameter isNew: whether this request made it.
    case hold(Hold, credits: Int64, available: Int64, isNew: Bool)
    case debit(Debit, isNew: Bool)
    case refused(SpendingRefusal)
}
