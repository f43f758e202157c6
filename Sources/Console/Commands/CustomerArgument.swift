// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The customer that a command is about.
struct CustomerArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The customer's id.", valueName: "cus_…"))
    var id: String

    func validate() throws { try CustomerID.check(id) }
}
