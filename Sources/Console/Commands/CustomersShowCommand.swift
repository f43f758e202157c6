// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct CustomersShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show whether a customer has access, why, and how that came about.",
        discussion: """
            The decision first; then the invoices and subscriptions it rests on; the purchases, of which those come first \
            whose credits moved last; the lots that have credits left; the credit ledger as a statement; and the timeline of every change with the event, \
            operator or passing of time that caused it, the newest last.
            """
    )

    @OptionGroup var customer: CustomerArgument

    @Option(
        help: ArgumentHelp(
            "How many lines of ledger and timeline, 1 to 500, the newest; of invoices and purchases 100 at least.",
            valueName: "number"))
    var limit = 20

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard CustomersAPI.mostLines.contains(limit) else {
            throw ValidationError("--limit \(limit) is not within 1 to 500.")
        }
    }

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(CustomersAPI.show) {
                $0.customer = customer.id
                $0.limit = limit
            }
            connection.show(answer, as: CustomerReport.show)
        }
    }
}
