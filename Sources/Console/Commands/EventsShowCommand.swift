// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct EventsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one event: its attempts, what it changed, and its payload.",
        discussion: "An event that could not be decoded has the id sha256_<hex of its body>."
    )

    @OptionGroup var event: EventArgument
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(EventsAPI.show) { $0.id = event.id }
            connection.show(answer, as: EventReport.show)
        }
    }
}
