// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// A grant as recorded in the ledger.
package struct CreditGrant: Sendable, Hashable {
    package let customer: String
    package let amount: Int64
    package let reason: String
    package let balance: Int64
    package let number: Int64
    package let at: Timestamp
    /// When it lapses; nil for never.
    package let expiresAt: Timestamp?
    /// Whether it created its customer's account.
    package let isOfNewCustomer: Bool

    init(_ row: Rows.Row) throws {
        customer = try row["customer_id"]
        amount = try row["amount"]
        reason = try row["note"]
        balance = try row["balance"]
        number = try row["number"]
        at = try row["at"]
        expiresAt = try row["expires_at"]
        isOfNewCustomer = try row["is_of_new_customer"]
    }
}
