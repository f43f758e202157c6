import ArgumentParser
import FoundationEssentials
import Postgres
import Store

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run both listeners and the processing.",
        discussion: """
            Needs DATABASE_URL, STRIPE_WEBHOOK_SECRET, TOLLGATE_GATEWAY_TOKEN and TOLLGATE_ADMIN_TOKEN, each also as \
            NAME_FILE. Applies pending migrations first. SIGTERM ends it once what is in flight has been answered.
            """
    )

    @Option(help: "Run one part only: 'http' (the listeners) or 'worker' (the processing).")
    var only: Part?

    @Flag(help: "Do not migrate: start only on a schema that is up to date.")
    var noMigrate = false

    enum Part: String, ExpressibleByArgument, CaseIterable {
        case http, worker
    }

    func run() async throws {
        try await ExitReport.reporting {
            let profile: Profile =
                switch only {
                case .http: .serveHTTPOnly
                case .worker: .serveWorkerOnly
                case nil: .serve
                }
            let configuration = try Configuration(profile: profile)
            let source = DataSource(configuration.databaseURL?.value ?? "")
            if noMigrate {
                let migrator = Migrator(source)
                try await migrator.check()
                try await migrator.close()
            } else {
                _ = try await Migrator.migrate(source)
            }
            try await Service(configuration, source, part: only).run()
        }
    }
}
