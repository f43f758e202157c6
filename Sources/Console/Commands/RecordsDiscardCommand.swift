// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct RecordsDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Decide that a quarantined call is never charged.",
        discussion: "Another report of it, under the same id, is charged if it can be."
    )

    @Argument(help: ArgumentHelp("The record's id.", valueName: "id"))
    var id: String

    @Option(help: ArgumentHelp("Why, for whoever finds it later.", valueName: "text"))
    var reason: String

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        try RecordArgument.check(id)
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty.") }
    }

    func run() async throws {
        try await connection.withService { service in
            let request = Object<UsageAPI.DiscardRequest> { $0.reason = reason }
            let answer = try await service.call(UsageAPI.discard, body: request) { $0.id = id }
            connection.show(answer) { answer, _ in
                let who = TerminalSafe.text(answer.operator ?? "somebody")
                return ["\(id) is discarded by \(who): \(TerminalSafe.text(answer.note ?? ""))"]
            }
        }
    }
}
