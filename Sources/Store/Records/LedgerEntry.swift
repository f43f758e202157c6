// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// One line of the credit ledger as operators see it.
package struct LedgerEntry: Sendable {
    package let customer: String
    package let entry: CreditEntry
    package let at: Timestamp

    static let columns: SQL = """
        customer_id, number, amount, balance, kind, business_key, event_id, operator, hold_id, debit_id, usage_id, note,
        lots, expires_at, at
        """

    init(customer: String, entry: CreditEntry, at: Timestamp) {
        self.customer = customer
        self.entry = entry
        self.at = at
    }

    init(_ row: Rows.Row) throws {
        customer = try row["customer_id"]
        let event: String? = try row["event_id"]
        let hold: String? = try row["hold_id"]
        let debit: String? = try row["debit_id"]
        let usage: String? = try row["usage_id"]
        let operatorName: String? = try row["operator"]
        let lots: JSON? = try row["lots"]
        entry = CreditEntry(
            number: try row["number"],
            amount: try row["amount"],
            balance: try row["balance"],
            kind: try row.word("kind"),
            businessKey: try row["business_key"],
            cause: try event.map(Cause.event) ?? hold.map(Cause.hold) ?? debit.map(Cause.debit)
                ?? usage.map(Cause.usage) ?? operatorName.map { .operator($0, note: try row["note"]) } ?? .time,
            lots: try (lots?.object ?? [:]).mapValues { amount in
                guard let amount = amount.integer else { throw StoreError.unknownValue("lots") }
                return amount
            },
            expiresAt: try row["expires_at"]
        )
        at = try row["at"]
    }

    static let rows = Unnest<LedgerEntry> {
        Column("customer_id", \.customer)
        Column("number", \.entry.number)
        Column("amount", \.entry.amount)
        Column("balance", \.entry.balance)
        Column("kind", \.entry.kind.rawValue)
        Column("business_key", \.entry.businessKey)
        Column("event_id", \.entry.cause.event)
        Column("operator", \.entry.cause.operator)
        Column("hold_id", \.entry.cause.hold)
        Column("debit_id", \.entry.cause.debit)
        Column("usage_id", \.entry.cause.usage)
        Column("note", \.entry.cause.note)
        Column("lots") { JSON.object($0.entry.lots.mapValues(JSON.integer)) }
        Column("expires_at", \.entry.expiresAt)
        Column("at", \.at)
    }
}
