// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// The plan that a command is about.
struct PlanArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The name of the plan.", valueName: "plan"))
    var name: String

    func validate() throws {
        guard PlansAPI.Path.form.content.plan.admits(name) else {
            throw ValidationError("\"\(name)\" is no name of a plan: a-z, 0-9, _ and -.")
        }
    }
}
