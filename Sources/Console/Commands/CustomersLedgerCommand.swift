// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct CustomersLedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Show every change of a customer's credits, page by page.",
        discussion: """
            The newest page first, and on each page the oldest entry first, like a statement. What an entry changed in \
            each lot is in --json.
            """
    )

    @OptionGroup var customer: CustomerArgument

    @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "number"))
    var limit = PageLimit.longStandard

    @Option(help: ArgumentHelp("Continue before the entry of this number.", valueName: "number"))
    var startingAfter: Int64?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard PageLimit.longRange.contains(limit) else {
            throw ValidationError("--limit \(limit) is not within 1 to 1000.")
        }
        if let startingAfter, startingAfter < 1 {
            throw ValidationError("--starting-after \(startingAfter) is no entry's number: they count from 1.")
        }
    }

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(CustomersAPI.ledger) {
                $0.customer = customer.id
                $0.limit = limit
                $0.startingAfter = startingAfter
            }
            connection.showPage(answer) { ledger, terminal in
                ledger.isEmpty ? ["no entries"] : LedgerReport.table(ledger).lines(terminal)
            }
        }
    }
}
