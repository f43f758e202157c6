// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import NIOHTTP1

struct EventsDismissCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dismiss",
        abstract: "Give up on an event that failed or is quarantined, and cannot be mended.",
        discussion: """
            It counts as ignored from then on, with the detail dismissed. Its error, the reason and the label of the token \
            that did it stay with the event. Replays of many events leave it out; tollgate events replay can still run it.
            """
    )

    @OptionGroup var event: EventArgument

    @Option(help: ArgumentHelp("Why, for whoever finds it later.", valueName: "text"))
    var reason: String

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty.") }
    }

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.json(
                .POST, "\(event.path)/dismiss", as: .event, body: ["reason": .string(reason)])
            connection.show(answer) { answer, _ in
                let name = Field.text(answer["operator"]).map { " by \(TerminalSafe.text($0))" } ?? ""
                return ["\(event.id) is dismissed\(name): \(TerminalSafe.text(Field.text(answer["reason"]) ?? reason))"]
            }
        }
    }
}
