// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// The purchase that a command is about.
struct PurchaseArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("A payment intent, charge, Checkout session or invoice of it.", valueName: "pi_…"))
    var id: String

    func validate() throws {
        guard PurchasesAPI.Path.form.content.object.admits(id) else {
            throw ValidationError(
                "\"\(id)\" is no id: letters, digits, hyphens and underscores, such as \"pi_1A2b3C\".")
        }
    }
}
