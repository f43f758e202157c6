// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import NIOHTTP1

struct EventsListCommand: AsyncParsableCommand {
    enum Status: String, ExpressibleByArgument, CaseIterable {
        case pending, processed, ignored, failed, quarantined
    }

    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List events, the newest first.",
        discussion: "What went wrong lately: tollgate events list --status failed"
    )

    @Option(help: "Only events in this state.")
    var status: Status?

    @OptionGroup var filter: EventFilterOptions

    @Option(help: ArgumentHelp("How many, 1 to 100.", valueName: "number"))
    var limit = 10

    @Option(help: ArgumentHelp("Continue after this event, the last of the page before.", valueName: "evt_…"))
    var startingAfter: String?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (1...100).contains(limit) else { throw ValidationError("--limit \(limit) is not within 1 to 100.") }
    }

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.json(
                .GET,
                "/admin/v1/events",
                as: .list,
                query: [("status", status?.rawValue)] + filter.query
                    + [("limit", String(limit)), ("starting_after", startingAfter)]
            )
            connection.show(answer, as: EventReport.list)
        }
    }
}
