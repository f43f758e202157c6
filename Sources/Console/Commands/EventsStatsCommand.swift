// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct EventsStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Count events by type and by what became of them.",
        discussion: """
            Of what was received in the last 24 hours, where no time is given, be it of creation or of receipt. At most the newest million is counted; the first line says from \
            when on that is.
            """
    )

    @OptionGroup var filter: EventFilterOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(EventsAPI.count) { filter.fill(&$0) }
            connection.show(answer, as: EventReport.statistics)
        }
    }
}
