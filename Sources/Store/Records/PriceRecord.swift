// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// What a price sells, as recorded by an operator.
package struct PriceRecord: Sendable, Hashable {
    package let id: String
    /// For one unit.
    package let credits: Int64
    /// What one unit costs, in the currency's smallest unit; nil if that is not listed.
    package let unitAmount: Int64?
    package let `operator`: String
    package let setAt: Timestamp

    static let columns: SQL = "id, credits, unit_amount, operator, set_at"

    init(_ row: Rows.Row) throws {
        id = try row["id"]
        credits = try row["credits"]
        unitAmount = try row["unit_amount"]
        `operator` = try row["operator"]
        setAt = try row["set_at"]
    }
}
