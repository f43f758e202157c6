// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Notation

/// How an operator's command reaches the admin API, and in what form it answers.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print the server's JSON.")
    var json = false

    /// Runs a command against the admin API; its failures end the program as the contract says.
    func withService(_ body: (ServiceClient) async throws -> Void) async throws {
        try await ExitReport.reporting { try await admin.access(ClientSettings()).withService(body) }
    }

    /// Prints an answer: as it came, or as a person reads it.
    func show(_ answer: JSON, as report: (JSON, Terminal) -> [String]) {
        if json {
            StandardOutput.print(PrettyJSON.text(answer))
        } else {
            for line in report(answer, .standardOutput) { StandardOutput.print(line) }
            // No part of the list: a pipe gets rows only.
            let last = answer["data"]?.array?.last
            if answer["has_more"]?.bool == true, let last = Field.text(last?["id"]) ?? Field.text(last?["customer"]) {
                ExitReport.say("more: --starting-after \(ShellWord.quoted(TerminalSafe.text(last)))")
            }
        }
    }
}
