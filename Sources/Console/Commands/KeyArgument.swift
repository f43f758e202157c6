// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// The API key that a command is about, by its id.
struct KeyArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The key's id, which is not the key itself.", valueName: "key_…"))
    var id: String

    func validate() throws {
        if id.hasPrefix("tg_live_") || id.hasPrefix("tg_test_") {
            throw ValidationError("Give the id (key_…), not the key itself: see 'tollgate keys list <cus_…>'.")
        }
        guard KeysAPI.Path.form.content.id.admits(id) else {
            throw ValidationError(
                "That is no key id: letters, digits, hyphens and underscores, such as \"key_1A2b3C\".")
        }
    }
}
