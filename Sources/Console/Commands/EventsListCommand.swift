// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct EventsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List events, the newest first.",
        discussion: "What went wrong lately: tollgate events list --status failed"
    )

    @Option(help: "Only events in this state.")
    var status: EventsAPI.StatusWord?

    @OptionGroup var filter: EventFilterOptions

    @OptionGroup var page: PageOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(EventsAPI.list) {
                filter.fill(&$0)
                $0.status = status
                $0.limit = page.limit
                $0.startingAfter = page.startingAfter
            }
            connection.showPage(answer, as: EventReport.list)
        }
    }
}

extension EventsAPI.StatusWord: ExpressibleByArgument {}

extension EventsAPI.SourceWord: ExpressibleByArgument {}
