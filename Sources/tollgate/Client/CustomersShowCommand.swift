import ArgumentParser
import NIOHTTP1

struct CustomersShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show whether a customer has access, why, and how that came about.",
        discussion: """
            The decision first; then the invoices and subscriptions it rests on; the credit ledger as a statement; and \
            the timeline of every change with the event, operator or passing of time that caused it, the newest last.
            """
    )

    @OptionGroup var customer: CustomerArgument
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            connection.show(try await service.json(.GET, customer.path), as: CustomerReport.show)
        }
    }
}
