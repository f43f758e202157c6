// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct RecordsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "records",
        abstract: "Look at reported calls that could not be charged, and charge or discard them.",
        discussion: """
            A call is quarantined where a model or pool has no price, or its numbers contradict each other: it is charged \
            once that is mended.
            """,
        subcommands: [Quarantined.self, RecordsReplayCommand.self, RecordsDiscardCommand.self]
    )

    struct Quarantined: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what waits to be charged, and why.")

        @Option(help: ArgumentHelp("Only calls of this customer.", valueName: "cus_…"))
        var customer: String?

        @OptionGroup var page: PageOptions
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.call(UsageAPI.list) {
                    $0.status = .quarantined
                    $0.customer = customer
                    $0.limit = page.limit
                    $0.startingAfter = page.startingAfter
                }
                connection.showPage(answer, as: RecordReport.list)
            }
        }
    }
}
