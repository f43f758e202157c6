// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct RatesApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let the rates of a draft charge, from their instants on.",
        discussion: "It cannot be taken back, only followed by another draft. Findings must be accepted."
    )

    @OptionGroup var draft: RateDraftArgument

    @Flag(help: "Approve it although lint has findings.")
    var acceptFindings = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let shown = try await service.call(RatesAPI.show) { $0.id = draft.id }
            // What other models lack is no reason to leave out these.
            let isSound = shown.findings.allSatisfy { $0.kind == .missing }
            guard isSound || acceptFindings || shown.status == .approved else {
                connection.show(shown) { RateReport.findings($0.findings, $1) }
                ExitReport.say("tollgate: nothing was approved; if all of that is right: --accept-findings")
                throw ExitCode.failure
            }
            let answer = try await service.call(RatesAPI.approve) { $0.id = draft.id }
            connection.show(answer) { answer, _ in RateReport.approval(answer) }
        }
    }
}
