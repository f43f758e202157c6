// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct RatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rates",
        abstract: "Say what models cost.",
        discussion: """
            Rates are imported as a draft, which charges nothing. Look at what is odd in it (lint) and what it would change \
            (diff), then approve it. What was approved never changes: a later draft for the same instant takes its place, \
            and what was charged by it can be computed again. The draft \(RateDraftArgument.initial) ships with the program.
            """,
        subcommands: [
            RatesListCommand.self, RatesDraftsCommand.self, RatesImportCommand.self, RatesLintCommand.self,
            RatesDiffCommand.self, RatesApproveCommand.self,
        ]
    )
}
