// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres

/// How a balance is stored in its account's row.
enum StoredBalance {
    static let columns: SQL = "credits, last_entry, lots, debt, due_at"

    static func decode(_ row: Rows.Row, of customer: String) throws -> Balance {
        Balance(
            customer: customer,
            credits: try row["credits"],
            lastEntry: try row["last_entry"],
            lots: try StoredLot.decode(row["lots"]),
            debt: try row["debt"],
            dueAt: try row["due_at"]
        )
    }
}
