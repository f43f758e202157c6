// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Bench
import Console
import Server
import Settings
import Telemetry

@main
struct Tollgate: AsyncParsableCommand {
    /// Errors in the arguments are reported like all others.
    static let _errorLabel = "tollgate"

    static let configuration = CommandConfiguration(
        commandName: "tollgate",
        abstract: "Receive Stripe's webhooks and know at any moment whether a customer may call the API.",
        discussion: """
            Configuration comes from the environment; docs/configuration.md lists every variable, 'tollgate config' shows \
            what is in force, and 'tollgate stripe doctor' what is wrong on Stripe's side. \
            Exit codes: 0 done, 64 wrong usage, 78 wrong configuration, 141 where the reader of the output has gone \
            (| head), 1 anything else.
            """,
        version: "tollgate \(Version.text)",
        subcommands: [
            ServeCommand.self, DevCommand.self, MigrateCommand.self, ConfigCommand.self, ConsoleCommands.trigger,
        ] + ConsoleCommands.operators + [
            StripeCommand.self, PruneCommand.self, SpoolCommand.self, ConsoleCommands.healthcheck, OpenAPICommand.self,
            BenchCommand.self,
            ClusterCommand.self,
        ]
    )

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let complaint = UnknownCommand.complaint(about: arguments, in: Self.self) {
            ExitReport.say("tollgate: \(complaint)")
            exit(withError: ExitCode.validationFailure)
        }
        do {
            var command = try await asyncParseAsRoot(arguments)
            do {
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            } catch let error as ValidationError {
                // The parser does not know which command has refused: it would print the usage of the root.
                ExitReport.say(WrongUse.complaint(error, of: type(of: command), in: Self.self))
                exit(withError: ExitCode.validationFailure)
            }
        } catch {
            exit(withError: error)
        }
    }
}
