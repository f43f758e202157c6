// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What a new API key is to be.
struct KeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What to call it, such as production.", valueName: "text"))
    var label: String?

    @Option(help: ArgumentHelp("When it ends, such as \(PointInTime.forms). Without it: never.", valueName: "time"))
    var expiresAt: PointInTime?

    func validate() throws {
        if let label, label.allSatisfy(\.isWhitespace) { throw ValidationError("--label is empty.") }
    }
}
