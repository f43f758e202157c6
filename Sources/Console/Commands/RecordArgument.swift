// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

/// Checks the ids of reported calls.
enum RecordArgument {
    static func check(_ id: String) throws {
        guard UsageAPI.Path.form.content.id.admits(id) else {
            throw ValidationError("A record's id is 1 to 255 letters, digits, _ and -, such as \"msg_1A2b3C\".")
        }
    }
}
