// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// The event that a command is about.
struct EventArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The event's id.", valueName: "evt_…"))
    var id: String

    func validate() throws {
        guard Self.isValid(id) else {
            throw ValidationError("An event's id is 1 to 255 printable ASCII characters, such as \"evt_1A2b3C\".")
        }
    }

    static func isValid(_ id: String) -> Bool {
        EventsAPI.Path.form.content.id.admits(id)
    }
}
