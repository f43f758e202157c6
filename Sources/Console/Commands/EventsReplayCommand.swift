// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct EventsReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run an event again.",
        discussion: """
            For a failed event whose cause is mended, and for one that was ignored or quarantined before a change of \
            configuration or version. What an event has already changed is not changed again.
            """
    )

    @OptionGroup var event: EventArgument
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(EventsAPI.replay) { $0.id = event.id }
            connection.show(answer) { _, _ in
                ["\(event.id) will run again; see: tollgate events show \(event.id)"]
            }
        }
    }
}
