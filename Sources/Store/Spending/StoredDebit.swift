// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// How a debit is stored in its table.
struct StoredDebit: Sendable {
    let customer: String
    let debit: Debit

    static let columns: SQL =
        "d.customer_id, d.id, d.amount, d.allow_negative, d.metadata, d.credits, d.available, d.created_at"

    init(of customer: String, _ debit: Debit) {
        self.customer = customer
        self.debit = debit
    }

    init(_ row: Rows.Row) throws {
        customer = try row["customer_id"]
        debit = Debit(
            id: try row["id"],
            terms: Debit.Terms(
                amount: try row["amount"], allowsNegative: try row["allow_negative"],
                metadata: try StoredMetadata.decode(row["metadata"])),
            credits: try row["credits"],
            available: try row["available"],
            createdAt: try row["created_at"]
        )
    }

    static let rows = Unnest<StoredDebit> {
        Column("customer_id", \.customer)
        Column("id", \.debit.id)
        Column("amount", \.debit.terms.amount)
        Column("allow_negative", \.debit.terms.allowsNegative)
        Column("metadata") { StoredMetadata.encode($0.debit.terms.metadata) }
        Column("credits", \.debit.credits)
        Column("available", \.debit.available)
        Column("created_at", \.debit.createdAt)
    }
}
