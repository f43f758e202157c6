// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct RatesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show what each model costs: dollars a million tokens, a thousand searches or a unit.")

    @Option(help: ArgumentHelp("At another time: \(PointInTime.forms).", valueName: "time"))
    var at: PointInTime?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(RatesAPI.list) { $0.at = at?.past() }
            connection.show(answer) { RateReport.list($0.data, $1) }
        }
    }
}
