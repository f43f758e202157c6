// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// One call in a customer's statement, or the difference that another price made to one.
package struct UsageLine: Sendable {
    package let id: String
    package let at: Timestamp
    package let provider: String
    package let model: String
    /// The API key's id.
    package let key: String?
    package let status: UsageRecord.Status
    package let isBatch: Bool
    package let pools: [Pool: Int64]
    package let charge: Dollars
    package let bill: Metering.Plan.Bill
    package let credits: Int64
    package let creditValue: Dollars
    /// The call whose price changed after it was charged; nil for a call itself.
    package let corrects: String?
    /// What the credits were worth.
    package let worth: Dollars

    static let columns: SQL = """
        id, at, provider, model, key_id, status, is_batch, lines, charge, bill, credits, credit_value,
        credits * credit_value AS worth, corrects
        """

    init(_ row: Rows.Row) throws {
        id = try row["id"]
        at = try row["at"]
        provider = try row["provider"]
        model = try row["model"]
        key = try row["key_id"]
        status = try row.word("status")
        isBatch = try row["is_batch"]
        corrects = try row["corrects"]
        // Those of a correction are of the call as it is priced now, which has a line of its own.
        pools = corrects == nil ? try Self.pools(row["lines"]) : [:]
        charge = try row["charge"]
        bill = try row.word("bill")
        credits = try row["credits"]
        creditValue = try row["credit_value"]
        worth = try row["worth"]
    }

    /// How much of each pool the lines of a receipt are of, of all models.
    private static func pools(_ lines: JSON) throws -> [Pool: Int64] {
        try (lines.array ?? []).reduce(into: [:]) { pools, line in
            guard let pool = line["pool"]?.string.flatMap(Pool.init), let quantity = line["quantity"]?.integer,
                case (let sum, false) = pools[pool, default: 0].addingReportingOverflow(quantity)
            else { throw StoreError.unknownValue("lines") }
            if sum > 0 { pools[pool] = sum }
        }
    }
}
