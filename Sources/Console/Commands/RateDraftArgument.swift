// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// The draft that a command is about.
struct RateDraftArgument: ParsableArguments {
    /// That of Anthropic's models, which ships with the program.
    static let initial = "rtd_00000000000000000000000000000001"

    @Argument(help: ArgumentHelp("The id of the draft.", valueName: "rtd_…"))
    var id: String

    func validate() throws {
        guard Self.isID(id) else { throw ValidationError("\"\(id)\" is no draft's id: see tollgate rates drafts.") }
    }

    static func isID(_ text: String) -> Bool { text.hasPrefix("rtd_") && RatesAPI.Path.form.content.id.admits(text) }
}
