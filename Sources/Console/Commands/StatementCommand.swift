// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import Notation

struct StatementCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statement",
        abstract: "Show all calls of a customer in a month, and what they come to.",
        discussion: """
            What was carried over, the charges, the credits that were taken, and what is carried on add up to the last \
            digit. --format csv is for a spreadsheet, and --format html a page to print:
            tollgate statement cus_… --month 2026-11 --format html > statement.html
            """
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case json, csv, html
    }

    @OptionGroup var customer: CustomerArgument

    @Option(help: ArgumentHelp("The month in UTC, such as 2026-11. Default: the current one.", valueName: "month"))
    var month: UTCMonth?

    @Option(help: "Print it as the server has it.")
    var format: Format?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if connection.json, let format, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) contradict each other.")
        }
    }

    func run() async throws {
        try await connection.withService { service in
            switch format {
            case .csv: try await printText(.csv, service)
            case .html: try await printText(.html, service)
            case .json, nil:
                let answer = try await service.call(
                    StatementsAPI.showForOperators, or: StatementsAPI.Statement.self, fill)
                var shown = connection
                shown.json = connection.json || format == .json
                shown.show(answer, as: CallReport.statement)
            }
        }
    }

    private func fill(_ wanted: inout Object<StatementsAPI.Parameters>) {
        wanted.customer = customer.id
        wanted.month = month
    }

    private func printText(_ type: StatementsAPI.MediaType, _ service: ServiceClient) async throws {
        let text = try await service.text(StatementsAPI.showForOperators, as: type.rawValue, fill)
        // The line feed at its end comes with the line.
        StandardOutput.print(text.unicodeScalars.last == "\n" ? String(text.unicodeScalars.dropLast()) : text)
    }
}

extension UTCMonth: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
