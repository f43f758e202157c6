// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import Notation

/// How an operator's command reaches the admin API, and in what form it prints the answer.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print the server's JSON.")
    var json = false

    /// Runs a command against the admin API; its failures end the program as `ExitReport` does.
    func withService(_ body: (ServiceClient) async throws -> Void) async throws {
        try await ExitReport.reporting { try await admin.access(try ClientSettings()).withService(body) }
    }

    /// Prints an answer: as JSON, or as a report for people.
    func show<Answer>(_ answer: Object<Answer>, as report: (Object<Answer>, Terminal) -> [String]) {
        if json {
            StandardOutput.print(PrettyJSON.text(answer.json))
        } else {
            for line in report(answer, .standardOutput) { StandardOutput.print(line) }
        }
    }

    /// The same for a page of a list, with the option that leads to the next one.
    func showPage<Page: PageContent>(
        _ page: Object<Page>,
        as report: ([Object<Page.Line>], Terminal) -> [String]
    ) {
        show(page) { page, terminal in report(page.data, terminal) }
        // On standard error: a pipe gets rows only.
        if !json, page.hasMore, let last = page.data.last {
            ExitReport.say("more: --starting-after \(ShellWord.written(TerminalSafe.text(Page.cursor(of: last))))")
        }
    }
}
