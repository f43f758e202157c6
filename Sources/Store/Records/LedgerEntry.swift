// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// One line of the credit ledger as operators see it.
package struct LedgerEntry: Sendable {
    package let customer: String
    package let entry: CreditEntry
    package let at: Timestamp

    static let columns: SQL = "customer_id, number, amount, balance, kind, business_key, event_id, operator, note, at"

    init(customer: String, entry: CreditEntry, at: Timestamp) {
        self.customer = customer
        self.entry = entry
        self.at = at
    }

    init(_ row: Rows.Row) throws {
        customer = try row["customer_id"]
        let event: String? = try row["event_id"]
        entry = CreditEntry(
            number: try row["number"],
            amount: try row["amount"],
            balance: try row["balance"],
            kind: try row.word("kind"),
            businessKey: try row["business_key"],
            // An entry comes from an event or an operator.
            cause: try event.map(Cause.event) ?? Cause(kind: Cause.operatorKind, row)
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
        Column("note", \.entry.cause.note)
        Column("at", \.at)
    }
}
