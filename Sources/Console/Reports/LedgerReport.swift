// SPDX-License-Identifier: Apache-2.0

import Notation

/// The credit ledger as a statement, the oldest entry first.
enum LedgerReport {
    static func table(_ ledger: JSON?) -> TextTable {
        var table = TextTable("#", "AT", "AMOUNT", "BALANCE", "KIND", "REASON", "BY")
        let entries = ledger?.array ?? []
        for entry in entries.sorted(by: { ($0["number"]?.integer ?? 0) < ($1["number"]?.integer ?? 0) }) {
            table.add(
                Field.text(entry["number"]), Field.text(entry["at"]), Field.signed(entry["amount"]),
                Field.text(entry["balance"]), Field.text(entry["kind"]), Field.text(entry["reason"]),
                Field.text(entry["event"]) ?? Field.text(entry["operator"])
            )
        }
        return table
    }
}
