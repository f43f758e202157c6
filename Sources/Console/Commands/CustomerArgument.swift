// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Notation
import Stripe

/// The customer that a command is about.
struct CustomerArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The customer's id.", valueName: "cus_…"))
    var id: String

    func validate() throws {
        guard ID.isValid(id) else {
            throw ValidationError(
                "\"\(id)\" is no customer id: letters, digits, hyphens and underscores, such as \"cus_1A2b3C\".")
        }
    }

    /// Where the admin API has it.
    var path: String { "/admin/v1/customers/\(PercentEncoding.segment(id))" }
}
