// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The commands that talk to a running Tollgate, for the program's list of all.
package enum ConsoleCommands {
    package static let trigger: any ParsableCommand.Type = TriggerCommand.self

    package static let operators: [any ParsableCommand.Type] = [
        EventsCommand.self, ReplaysCommand.self, CustomersCommand.self, KeysCommand.self, PurchasesCommand.self,
        PricesCommand.self, RatesCommand.self, PlansCommand.self, RecordsCommand.self, UsageCommand.self,
        StatementCommand.self,
    ]

    package static let healthcheck: any ParsableCommand.Type = HealthcheckCommand.self
}
