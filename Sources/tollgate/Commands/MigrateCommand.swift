import ArgumentParser
import Notation
import Postgres
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
            let configuration = try Configuration(profile: .migrate)
            let applied = try await Migrator.migrate(DataSource(configuration.databaseURL?.value ?? "")) {
                ExitReport.say("\($0)")
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

extension Migrator {
    /// Migrates and hangs up.
    static func migrate(
        _ source: DataSource,
        say: @escaping @Sendable (MigrationRemark) -> Void = { _ in }
    ) async throws -> [String] {
        let migrator = Migrator(source, say: say)
        let applied: [String]
        do {
            applied = try await migrator.migrate()
        } catch {
            try await migrator.close()
            throw error
        }
        try await migrator.close()
        return applied
    }
}
