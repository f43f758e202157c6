// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct RatesLintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Show what is odd in a file of prices, or in a draft. Exit code 1 if there is anything.")

    @Argument(help: ArgumentHelp("A file, or the id of a draft.", valueName: "file|rtd_…"), completion: .file())
    var subject: String

    @OptionGroup var options: RateFileOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let preview: Object<RatesAPI.Preview>
            if RateDraftArgument.isID(subject) {
                preview = try await service.call(RatesAPI.show, or: RatesAPI.Preview.self) { $0.id = subject }
            } else {
                let (rates, skipped) = try options.read(subject)
                for line in RateReport.skipped(skipped) { ExitReport.say(line) }
                let wanted = Object<RatesAPI.Request> {
                    $0.rates = rates
                    $0.dryRun = true
                }
                preview = try await service.call(RatesAPI.propose, or: RatesAPI.Preview.self, body: wanted)
            }
            connection.show(preview) { RateReport.findings($0.findings, $1) }
            if !preview.findings.isEmpty { throw ExitCode.failure }
        }
    }
}
