// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct CustomersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customers",
        abstract: "Look at a customer's access, override it, grant credits.",
        discussion:
            "Why is this customer blocked? tollgate customers show cus_… Who is? tollgate customers list --blocked",
        subcommands: [
            CustomersListCommand.self, CustomersShowCommand.self, CustomersOverrideCommand.self,
            CustomersClearOverrideCommand.self,
            CustomersGrantCommand.self, CustomersLedgerCommand.self,
        ]
    )
}
