// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct RatesDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what a draft would change of what holds at the instants of its rates.")

    @OptionGroup var draft: RateDraftArgument
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(RatesAPI.show) { $0.id = draft.id }
            connection.show(answer) { RateReport.changes($0.changes, $1) }
        }
    }
}
