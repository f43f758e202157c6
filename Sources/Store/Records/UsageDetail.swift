// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// All that is known of one call.
package struct UsageDetail: Sendable {
    package let customer: String
    package let line: UsageLine
    package let recordedAt: Timestamp
    package let dialect: UsageRecord.Dialect
    /// The provider's usage object as it came; nil if the call has none.
    package let usage: JSON?
    /// What the gateway noted of the request.
    package let request: JSON
    package let hold: String?
    /// What was assumed.
    package let marks: [String]
    /// What of earlier charges was less than a credit.
    package let carried: Dollars
    package let receipt: Metering.Receipt

    static let columns: SQL = """
        customer_id, \(UsageLine.columns), recorded_at, dialect, usage, request, hold_id, marks, cost, carried, remainder,
        rate_id, plan_id
        """

    init(_ row: Rows.Row) throws {
        customer = try row["customer_id"]
        line = try UsageLine(row)
        recordedAt = try row["recorded_at"]
        dialect = try row.word("dialect")
        usage = try row["usage"]
        request = try row["request"]
        hold = try row["hold_id"]
        let marks: JSON = try row["marks"]
        self.marks = (marks.array ?? []).compactMap(\.string)
        carried = try row["carried"]
        receipt = try StoredUsage.receipt(row)
    }
}
