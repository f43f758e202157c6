// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

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
            let dismissal = Object<EventsAPI.DismissalRequest> { $0.reason = reason }
            let answer = try await service.call(EventsAPI.dismiss, body: dismissal) { $0.id = event.id }
            connection.show(answer) { answer, _ in
                let words = TerminalSafe.text(answer.reason)
                return ["\(event.id) is dismissed by \(TerminalSafe.text(answer.operator)): \(words)"]
            }
        }
    }
}
