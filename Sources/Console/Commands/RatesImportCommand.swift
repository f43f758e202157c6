// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct RatesImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Propose the rates of a file: a draft, which charges nothing until it is approved.",
        discussion: """
            Of the lists of others, what cannot be charged exactly is left out, and named. Their prices are often wrong: \
            look at the findings.
            """
    )

    @Argument(help: ArgumentHelp("The file.", valueName: "file"), completion: .file())
    var file: String

    @OptionGroup var options: RateFileOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let (rates, skipped) = try options.read(file)
            for line in RateReport.skipped(skipped) { ExitReport.say(line) }
            let answer = try await service.call(RatesAPI.propose, body: Object { $0.rates = rates })
            connection.show(answer, as: RateReport.draft)
        }
    }
}
