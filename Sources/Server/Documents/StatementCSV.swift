// SPDX-License-Identifier: Apache-2.0

import API
import HTTPTypes
import Metering
import Notation
import Store

/// A statement as CSV: a line that opens it, one for each call, one with their sums, and one that closes it.
struct StatementCSV: StatementForm {
    private enum Kind: String {
        case opening, call, total, closing
    }

    private static let pools: [Pool] = [.input, .output, .cacheWrite5m, .cacheWrite1h, .cacheRead, .webSearch]
    private static let columns =
        ["line", "at", "id", "provider", "model", "key", "status", "bill"] + pools.map(\.name)
        + ["units", "charge", "credits", "credit_value", "carried", "words"]

    let headers: HTTPFields

    init(_ statement: UsageStatement) {
        let name = "statement-\(statement.customer)-\(statement.month).csv"
        headers = [
            .contentType: "\(StatementsAPI.MediaType.csv.rawValue); charset=utf-8; header=present",
            .contentDisposition: "attachment; filename=\"\(name)\"",
        ]
    }

    func begin(_ statement: UsageStatement, _ bytes: inout [UInt8]) {
        var row = CSVRow()
        for column in Self.columns { row.add(column) }
        row.append(to: &bytes)
        append(.opening, at: statement.month.start, carried: statement.opening, &bytes)
    }

    func append(_ line: UsageLine, _ bytes: inout [UInt8]) {
        var row = CSVRow()
        row.add(Kind.call.rawValue)
        row.add(line.at)
        row.add(text: line.id)
        row.add(text: line.provider)
        row.add(text: line.model)
        row.add(text: line.key)
        row.add(line.status.rawValue)
        row.add(line.bill.rawValue)
        Self.add(line.pools, to: &row)
        row.add(line.charge)
        row.add(line.credits)
        row.add(line.creditValue)
        row.add("")
        row.add(text: UsageText.words(line))
        row.append(to: &bytes)
    }

    func end(_ statement: UsageStatement, _ sums: StatementSums, _ bytes: inout [UInt8]) {
        append(
            .total, pools: statement.pools, charge: statement.total, credits: sums.credits,
            words: UsageText.words(statement), &bytes)
        append(.closing, at: statement.month.end, carried: statement.closing, &bytes)
    }

    /// A line that is no call's.
    private func append(
        _ kind: Kind, at: Timestamp? = nil, pools: [Pool: Int64]? = nil, charge: Dollars? = nil, credits: Int64? = nil,
        carried: Dollars? = nil, words: String? = nil, _ bytes: inout [UInt8]
    ) {
        var row = CSVRow()
        row.add(kind.rawValue)
        row.add(at?.description ?? "")
        for _ in 0..<6 { row.add("") }
        if let pools { Self.add(pools, to: &row) } else { for _ in 0...Self.pools.count { row.add("") } }
        row.add(charge?.description ?? "")
        row.add(credits?.description ?? "")
        row.add("")
        row.add(carried?.description ?? "")
        row.add(text: words)
        row.append(to: &bytes)
    }

    private static func add(_ quantities: [Pool: Int64], to row: inout CSVRow) {
        for pool in pools { row.add(quantities[pool, default: 0]) }
        let units = quantities.filter { !pools.contains($0.key) }.sorted { $0.key < $1.key }
        row.add(text: units.map { "\($0.key.name)=\($0.value)" }.joined(separator: "; "))
    }
}
