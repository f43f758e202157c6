// SPDX-License-Identifier: Apache-2.0

import API
import Notation

/// What a customer's calls have used, as an operator reads it.
enum CallReport {
    static func sums(_ usage: Object<CustomerUsageAPI.Usage>, _ terminal: Terminal) -> [String] {
        guard !usage.data.isEmpty else { return ["no calls from \(usage.from) until the day before \(usage.to)"] }
        var table = TextTable(
            "DAY", "PROVIDER", "MODEL", "KEY", "CALLS", "CHARGE", "CREDITS", "COST", "INPUT", "OUTPUT", "WRITE 5M",
            "WRITE 1H", "READ", "SEARCH", "UNITS")
        for group in usage.data {
            let key = usage.groupBy == .key ? group.key.flatMap(\.self) ?? "(none)" : nil
            let pools = group.pools
            table.add(
                group.day, group.provider, group.model, key, Field.text(group.records), group.charge,
                Field.text(group.credits), group.cost, text(pools["input"]), text(pools["output"]),
                text(pools["cache_write_5m"]), text(pools["cache_write_1h"]), text(pools["cache_read"]),
                text(pools["web_search"]), units(pools))
        }
        return table.lines(terminal) + (usage.truncated ? [terminal.dim("there is more: ask for fewer days")] : [])
    }

    static func statement(_ statement: Object<StatementsAPI.Statement>, _ terminal: Terminal) -> [String] {
        let sums = statement.sums
        var lines = [terminal.bold("\(TerminalSafe.text(statement.customer))  \(statement.month)")]
        lines += Field.lines([
            ("calls", Field.text(statement.records)), ("in words", statement.words),
            ("failed and free", sums.free == 0 ? nil : Field.text(sums.free)),
            ("carried over", statement.opening), ("charged", statement.total),
            ("credits taken", "\(sums.credits), worth \(sums.creditsWorth)"),
            ("by invoice", sums.charge.meter == "0" ? nil : sums.charge.meter),
            ("not billed", sums.charge.none == "0" ? nil : sums.charge.none), ("carried on", statement.closing),
        ])
        var table = TextTable("AT", "ID", "MODEL", "CHARGE", "CREDITS", "WHAT IT WAS")
        for line in statement.lines {
            table.add(
                Field.text(line.at), line.id, line.model, line.charge, Field.text(line.credits), line.words)
        }
        return table.isEmpty ? lines : lines + [""] + table.lines(terminal)
    }

    private static func text(_ quantity: Int64?) -> String? { quantity.flatMap { $0 == 0 ? nil : String($0) } }

    private static func units(_ pools: [String: Int64]) -> String {
        pools.filter { $0.key.hasPrefix("unit:") }.sorted { $0.key < $1.key }
            .map { "\($0.key.dropFirst(5)) \($0.value)" }.joined(separator: ", ")
    }
}
