// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Notation

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
        (1...255).contains(id.utf8.count) && id.isPrintableASCII
    }

    /// Where the admin API has it.
    var path: String { Self.path(id) }

    static func path(_ id: String) -> String {
        // Other routes than those of an event, and what some on the way would read as "here" and "one up".
        let isWord = ["stats", ".", ".."].contains(id)
        return "/admin/v1/events/\(isWord ? PercentEncoding.everyByte(id) : PercentEncoding.segment(id))"
    }
}
