// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// How an account is stored in its table; its subscriptions and invoices have their own.
enum StoredAccount {
    static let columns: SQL = """
        customer_id, is_deleted, open_disputes, has_purchased, was_granted, \(StoredOverride.columns), \(StoredBalance.columns),
        \(StoredAccess.columns), decided_under
        """

    static func decode(_ row: Rows.Row, subscriptions: [Subscription], invoices: [Invoice]) throws -> Account {
        let customer: String = try row["customer_id"]
        let openDisputes: String? = try row["open_disputes"]
        return Account(
            customer: customer,
            subscriptions: Dictionary(subscriptions.map { ($0.id, $0) }, uniquingKeysWith: { $1 }),
            invoices: Dictionary(invoices.map { ($0.id, $0) }, uniquingKeysWith: { $1 }),
            openDisputes: Set(openDisputes.map { $0.split(separator: " ").map(String.init) } ?? []),
            hasPurchased: try row["has_purchased"],
            wasGranted: try row["was_granted"],
            isDeleted: try row["is_deleted"],
            override: try StoredOverride.decode(row),
            balance: try StoredBalance.decode(row, of: customer),
            access: try StoredAccess.decode(row),
            decidedUnder: try row["decided_under"]
        )
    }
}
