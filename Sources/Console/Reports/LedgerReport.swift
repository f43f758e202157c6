// SPDX-License-Identifier: Apache-2.0

import API

/// The credit ledger as a statement, the oldest entry first.
enum LedgerReport {
    static func table(_ ledger: [Object<CustomersAPI.LedgerLine>]) -> TextTable {
        var table = TextTable("#", "AT", "AMOUNT", "BALANCE", "KIND", "REASON", "BY")
        for entry in ledger.sorted(by: { $0.number < $1.number }) {
            table.add(
                Field.text(entry.number), Field.text(entry.at), Field.signed(entry.amount), Field.text(entry.balance),
                entry.kind, entry.reason, entry.event ?? entry.operator
            )
        }
        return table
    }
}
