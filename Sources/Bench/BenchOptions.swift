// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Notation
import Postgres
import Settings

/// The options of all benches: how many connections, whose processors to count, and the form of the answer.
struct BenchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Connections, each with one request at a time.", valueName: "number"))
    var connections = 32

    @Option(
        help: ArgumentHelp(
            "The private listener of the server, for its /metrics.",
            discussion:
                "Default: TOLLGATE_PRIVATE_ADDRESS, else what 'tollgate dev' wrote, else http://127.0.0.1:8081.",
            valueName: "url"
        )
    )
    var privateUrl: String?

    @Option(
        help: ArgumentHelp(
            "The server's database, to count its processors if it runs on this machine.",
            discussion: """
                Default: DATABASE_URL or DATABASE_URL_FILE, else what 'tollgate dev' wrote. Other users of this machine can see what is given here; \
                prefer the environment.
                """,
            valueName: "url"
        )
    )
    var databaseUrl: String?

    @Flag(help: "Print the figures as JSON.")
    var json = false

    func validate() throws {
        guard (1...4_096).contains(connections) else {
            throw ValidationError("--connections \(connections) is out of range; give 1 to 4096.")
        }
        if let privateUrl { _ = try BenchTarget(privateUrl, option: "--private-url") }
    }

    func privateBase(_ settings: ClientSettings) throws -> String {
        try BenchTarget(privateUrl ?? settings.privateURL(), option: "--private-url").base
    }

    /// - Parameter privateBase: nil if the server's processors are not asked for.
    func meter(_ settings: ClientSettings, privateBase: String?) async throws -> ProcessorMeter {
        var postmaster: LocalPostmaster?
        if let url = try databaseUrl.map(Secret.init) ?? settings.databaseURL(of: privateBase) {
            do {
                postmaster = try await LocalPostmaster(of: DataSource(url.value))
            } catch let error as PostgresError {
                ExitReport.say("tollgate: the database's processors are not counted: \(error)")
            }
        }
        return ProcessorMeter(privateBase: privateBase, postmaster: postmaster)
    }

    func show(_ json: JSON, as lines: (Terminal) -> [String]) {
        if self.json {
            StandardOutput.print(PrettyJSON.text(json))
        } else {
            for line in lines(.standardOutput) { StandardOutput.print(line) }
        }
    }
}
