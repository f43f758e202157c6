// SPDX-License-Identifier: Apache-2.0

import API

/// Reported calls that could not be charged, as an operator reads them.
enum RecordReport {
    static func list(_ records: [Object<UsageAPI.Quarantined>], _ terminal: Terminal) -> [String] {
        var table = TextTable("ID", "CUSTOMER", "MODEL", "RECEIVED", "TRIED", "REASON", "WHY")
        for record in records {
            table.add(
                record.id, record.customer ?? record.key, record.report["model"]?.string,
                Field.second(record.receivedAt), Field.text(record.attempts), record.reason, record.error)
        }
        return table.isEmpty ? ["nothing is quarantined"] : table.lines(terminal)
    }

    /// One line.
    static func outcome(_ outcome: Object<UsageAPI.Outcome>) -> String {
        let id = outcome.id ?? "?"
        guard let receipt = outcome.receipt else {
            return TerminalSafe.text("\(id): \(outcome.outcome.rawValue): \(outcome.error ?? "")")
        }
        return TerminalSafe.text("\(id): charged $\(receipt.charge), \(receipt.credits) credits")
    }
}
