// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show what a customer's calls have come to, by day, model or API key.",
        discussion: """
            Of the current month if no time is given. Days are those of UTC. What each call was charged is in \
            'tollgate statement'.
            """
    )

    @OptionGroup var customer: CustomerArgument

    @Option(help: ArgumentHelp("The first day: \(PointInTime.forms).", valueName: "day"))
    var from: PointInTime?

    @Option(help: ArgumentHelp("The day after the last one.", valueName: "day"))
    var to: PointInTime?

    @Option(help: "By what the calls are summed up.")
    var groupBy = CustomerUsageAPI.GroupWord.day

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(CustomerUsageAPI.sumsForOperators) {
                $0.customer = customer.id
                $0.from = from?.past()
                $0.to = to?.past()
                $0.groupBy = groupBy
            }
            connection.show(answer, as: CallReport.sums)
        }
    }
}

extension CustomerUsageAPI.GroupWord: ExpressibleByArgument {}
