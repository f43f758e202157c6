// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Notation
import Settings

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the settings that are in force, and where each of them comes from.",
        discussion: """
            Reads the environment and the files it names as 'tollgate serve' would, or as another command with --for. \
            Secrets are not shown, only how many there are and their labels. Ends with 78 where something is missing or \
            wrong, and says all of it at once; opens no port and asks no database.
            """
    )

    /// The parts whose settings it can read.
    enum Part: String, ExpressibleByArgument, CaseIterable {
        case serve, http, worker, dev, migrate, prune, spool

        var profile: Profile {
            switch self {
            case .serve: .serve
            case .http: .serveHTTPOnly
            case .worker: .serveWorkerOnly
            case .dev: .dev
            case .migrate: .migrate
            case .prune: .prune
            case .spool: .drainSpool
            }
        }
    }

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "The command that will run; 'http' and 'worker' are the two parts of 'serve'.", valueName: "command"))
    var part = Part.serve

    @Flag(help: "Print them as JSON, with defaults and meanings.")
    var json = false

    func run() async throws {
        try await ExitReport.reporting {
            let report = try ConfigurationReport.ofProcess(part.profile, say: ExitReport.say)
            if json {
                StandardOutput.print(PrettyJSON.text(SettingsReport.document(report, for: part.profile)))
            } else {
                for line in SettingsReport.lines(report, for: part.profile, .standardOutput) {
                    StandardOutput.print(line)
                }
            }
            for fault in report.faults { ExitReport.say("tollgate: \(fault)") }
            if !report.faults.isEmpty { throw ExitReport.wrongConfiguration }
        }
    }
}
