// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Settings

/// A word in place of a command that is not the name of one.
enum UnknownCommand {
    /// - Returns: the complaint to print; nil if there is none.
    static func complaint(about arguments: [String], in root: any ParsableCommand.Type) -> String? {
        var command = root
        var path: [String] = []
        for argument in arguments {
            let commands = command.configuration.subcommands
            // After an option it may be that option's value: only the parser knows.
            guard !commands.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return nil }
            guard let next = commands.first(where: { $0._commandName == argument }) else {
                let names = Set(commands.map { $0._commandName })
                let nearest = Spelling.nearest(to: argument, of: names, within: 2)
                let program = ([root._commandName] + path).joined(separator: " ")
                let advice = nearest.map { "did you mean \($0)?" } ?? "\(program) --help lists them all"
                let owner = path.isEmpty ? "there is" : "\"\(path.joined(separator: " "))\" has"
                return "\(owner) no command \"\(TerminalSafe.text(argument))\"; \(advice)"
            }
            command = next
            path.append(argument)
        }
        return nil
    }
}
