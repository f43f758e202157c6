// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct RatesDraftsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drafts", abstract: "List the latest 20 drafts of rates.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            connection.show(try await service.call(RatesAPI.drafts)) { RateReport.drafts($0.data, $1) }
        }
    }
}
