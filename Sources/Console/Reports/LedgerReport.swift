// SPDX-License-Identifier: Apache-2.0

import API

/// The credit ledger as a statement, the oldest entry first.
enum LedgerReport {
    /// - Parameter namesCustomers: for entries of several customers.
    static func table(_ ledger: [Object<CustomersAPI.LedgerLine>], namesCustomers: Bool = false) -> TextTable {
        var table = TextTable("CUSTOMER", "#", "AT", "AMOUNT", "BALANCE", "KIND", "LAPSES", "REASON", "BY")
        for entry in ledger.sorted(by: { ($0.customer, $0.number) < ($1.customer, $1.number) }) {
            table.add(
                namesCustomers ? entry.customer : nil, Field.text(entry.number), Field.text(entry.at),
                Field.signed(entry.amount), Field.text(entry.balance),
                entry.kind, entry.expiresAt.map(Field.second), entry.reason,
                entry.event ?? entry.operator ?? entry.hold ?? entry.debit ?? entry.usage
            )
        }
        return table
    }
}
