// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// The price that a command is about.
struct PriceArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The id of the price or plan.", valueName: "price_…"))
    var id: String

    func validate() throws {
        guard PricesAPI.Path.form.content.price.admits(id) else {
            throw ValidationError("\"\(id)\" is no price id: letters, digits, hyphens, underscores and dots.")
        }
    }
}
