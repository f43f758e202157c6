// SPDX-License-Identifier: Apache-2.0

import Billing
import Metering
import Notation
import Postgres

/// How a charged call is stored in the token log.
struct StoredUsage: Sendable {
    let customer: String
    let reported: ReportedUsage
    let charge: UsageCharge
    let livemode: Bool
    let recordedAt: Timestamp

    static let receiptColumns: SQL =
        "u.id, u.digest, u.lines, u.cost, u.charge, u.credits, u.remainder, u.rate_id, u.plan_id"

    static func receipt(_ row: Rows.Row) throws -> Metering.Receipt {
        let lines: JSON = try row["lines"]
        guard let elements = lines.array else { throw StoreError.unknownValue("lines") }
        return Metering.Receipt(
            lines: try elements.map { json in
                guard let line = ReceiptLine(json) else { throw StoreError.unknownValue("lines") }
                return line
            },
            cost: try row["cost"], charge: try row["charge"], credits: try row["credits"],
            remainder: try row["remainder"], rate: try row["rate_id"], plan: try row["plan_id"])
    }

    static let rows = Unnest<StoredUsage> {
        Column("id", \.charge.report.id)
        Column("customer_id", \.customer)
        Column("number", \.charge.number)
        Column("key_id", \.charge.report.key)
        Column("provider", \.charge.report.call.provider)
        Column("dialect", \.charge.report.call.dialect.rawValue)
        Column("model", \.charge.report.call.model)
        Column("at", \.charge.report.at)
        Column("recorded_at", \.recordedAt)
        Column("status", \.charge.report.call.status.rawValue)
        Column("is_batch", \.charge.report.call.isBatch)
        Column("usage", \.charge.report.call.usage)
        Column("request", \.charge.report.request.json)
        Column("hold_id", \.charge.report.hold)
        Column("digest", \.reported.digest)
        Column("livemode", \.livemode)
        Column("lines") { JSON.array($0.charge.receipt.lines.map(\.json)) }
        Column("marks") { JSON.array($0.charge.marks.map(\.rawValue).sorted().map(JSON.string)) }
        Column("cost", \.charge.receipt.cost)
        Column("charge", \.charge.receipt.charge)
        Column("bill", \.charge.bill.rawValue)
        Column("credit_value", \.charge.creditValue.dollars)
        Column("carried", \.charge.carried)
        Column("credits", \.charge.receipt.credits)
        Column("remainder", \.charge.receipt.remainder)
        Column("rate_id", \.charge.receipt.rate)
        Column("plan_id", \.charge.receipt.plan)
    }
}
