// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What a command refuses once it runs, told as the parser tells what it refuses itself.
enum WrongUse {
    static func complaint(
        _ error: ValidationError, of command: any ParsableCommand.Type, in root: any ParsableCommand.Type
    ) -> String {
        let words = path(to: command, from: root) ?? [root._commandName]
        return """
            tollgate: \(error.message)
            Usage: \(root.usageString(for: command))
              See '\(words.joined(separator: " ")) --help' for more information.
            """
    }

    private static func path(
        to command: any ParsableCommand.Type, from parent: any ParsableCommand.Type
    ) -> [String]? {
        if parent == command { return [parent._commandName] }
        for next in parent.configuration.subcommands {
            if let path = path(to: command, from: next) { return [parent._commandName] + path }
        }
        return nil
    }
}
