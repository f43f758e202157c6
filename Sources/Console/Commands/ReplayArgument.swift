// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// The replay that a command is about.
struct ReplayArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The replay's id.", valueName: "rpl_…"))
    var id: String

    func validate() throws {
        guard ReplaysAPI.Path.form.content.id.admits(id) else {
            throw ValidationError("\"\(id)\" is no id of a replay, such as \"rpl_1a2b3c\".")
        }
    }
}
