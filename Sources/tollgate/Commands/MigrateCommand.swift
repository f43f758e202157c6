// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Notation
import Postgres
import Settings
import Store

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema up to date.",
        discussion:
            "Needs DATABASE_URL, or the folder of a running 'tollgate dev'. Safe to run again and by several at once; refuses a newer schema."
    )

    @Flag(help: "Print the migrations that were applied as JSON.")
    var json = false

    func run() async throws {
        try await ExitReport.reporting {
            let configuration = try Configuration(profile: .migrate, say: ExitReport.say)
            let source = DataSource(try configuration.required(\.databaseURL).value)
            let applied = try await UnreachableDatabase.explained(configuration) {
                try await withResource(Migrator(source) { ExitReport.say("\($0)") }) { try await $0.migrate() }
            }
            if json {
                StandardOutput.print(PrettyJSON.text(["applied": .array(applied.map(JSON.string))]))
                return
            }
            for name in applied { StandardOutput.print("applied \(name)") }
            StandardOutput.print(applied.isEmpty ? "the schema is up to date" : "the schema is up to date now")
        }
    }
}
