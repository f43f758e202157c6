// SPDX-License-Identifier: Apache-2.0

import Notation

/// One line of the append-only credit ledger.
package struct CreditEntry: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Bought, possibly less what was taken back before.
        case topUp = "top_up"
        /// Given or taken by an operator.
        case grant
        /// Taken back by a refund, or given back by one that failed.
        case refund
        /// Taken back by a dispute, or given back by one that was won.
        case dispute
        /// Two purchases turned out to be one, or a purchase turned out to be somebody else's.
        case correction
        /// Debited by what a hold was settled for; given back if a late settlement took less than the expiry.
        case settlement
        /// Debited without a hold.
        case debit
        /// Debited by what a call has used, without a hold.
        case usage
        /// Lapsed; added where a late settlement debits what lapsed when its hold expired.
        case expiry
        /// What came back of a hold paid what was owed: the balance stays, only lots have changed.
        case repayment
    }

    /// 1, 2, 3 … without a gap, per customer.
    package let number: Int64
    /// Credits: 0 of a repayment, and of nothing else.
    package let amount: Int64
    /// The balance with this entry: the one before plus `amount`.
    package let balance: Int64
    package let kind: Kind
    /// The idempotency key: the entry is made once, whatever is delivered twice.
    package let businessKey: String
    package let cause: Cause
    /// What it changed in each lot, by the lot's id; the rest of `amount` is debt, made or paid. Empty in entries of
    /// before there were lots.
    package let lots: [String: Int64]
    /// When credits that it gave lapse; nil for never.
    package let expiresAt: Timestamp?

    package init(
        number: Int64, amount: Int64, balance: Int64, kind: Kind, businessKey: String, cause: Cause,
        lots: [String: Int64] = [:], expiresAt: Timestamp? = nil
    ) {
        self.number = number
        self.amount = amount
        self.balance = balance
        self.kind = kind
        self.businessKey = businessKey
        self.cause = cause
        self.lots = lots
        self.expiresAt = expiresAt
    }
}
