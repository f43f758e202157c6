// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// One line of a customer's timeline as operators see it.
package struct TimelineEntry: Sendable {
    package let customer: String
    package let change: AccessChange

    static let columns: SQL =
        "customer_id, at, reason, until, version, cause, event_id, operator, hold_id, debit_id, usage_id, note"

    init(customer: String, change: AccessChange) {
        self.customer = customer
        self.change = change
    }

    init(_ row: Rows.Row) throws {
        customer = try row["customer_id"]
        change = AccessChange(
            at: try row["at"],
            decision: Decision(try row.word("reason"), until: try row["until"]),
            version: try row["version"],
            cause: try Cause(kind: row["cause"], row)
        )
    }

    static let rows = Unnest<TimelineEntry> {
        Column("customer_id", \.customer)
        Column("at", \.change.at)
        Column("allowed", \.change.decision.allowed)
        Column("reason", \.change.decision.reason.rawValue)
        Column("until", \.change.decision.until)
        Column("version", \.change.version)
        Column("cause", \.change.cause.kind)
        Column("event_id", \.change.cause.event)
        Column("operator", \.change.cause.operator)
        Column("hold_id", \.change.cause.hold)
        Column("debit_id", \.change.cause.debit)
        Column("usage_id", \.change.cause.usage)
        Column("note", \.change.cause.note)
    }
}
