// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// The customer that a command is about.
struct CustomerArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The customer's id.", valueName: "cus_…"))
    var id: String

    func validate() throws {
        guard CustomersAPI.admits(customer: id) else {
            throw ValidationError(
                "\"\(id)\" is no customer id: letters, digits, hyphens and underscores, such as \"cus_1A2b3C\".")
        }
    }
}
