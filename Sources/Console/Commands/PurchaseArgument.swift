// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Notation
import Stripe

/// The purchase that a command is about.
struct PurchaseArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("A payment intent, charge, Checkout session or invoice of it.", valueName: "pi_…"))
    var id: String

    func validate() throws {
        guard ID.isValid(id) else {
            throw ValidationError(
                "\"\(id)\" is no id: letters, digits, hyphens and underscores, such as \"pi_1A2b3C\".")
        }
    }

    /// Where the admin API has it.
    var path: String { "/admin/v1/purchases/\(PercentEncoding.segment(id))" }
}
