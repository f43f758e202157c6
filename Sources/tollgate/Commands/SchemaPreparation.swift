import Logging
import Postgres
import ServiceLifecycle
import Store

/// Brings the schema up to date before anything works on it, or checks that it is; later where the database is away.
struct SchemaPreparation: Sendable {
    private let source: DataSource
    private let migrates: Bool

    init(_ source: DataSource, migrates: Bool) {
        self.source = source
        self.migrates = migrates
    }

    /// - Parameter canWait: whether a database that is away is no error.
    /// - Returns: whether the schema is ready.
    func attempt(orWait canWait: Bool) async throws -> Bool {
        do {
            try await attempt()
            return true
        } catch let error as PostgresError where canWait && error.isTransient {
            return false
        }
    }

    private func attempt() async throws {
        let migrator = Migrator(source)
        do {
            if migrates { _ = try await migrator.migrate() } else { try await migrator.check() }
        } catch {
            try await migrator.close()
            throw error
        }
        try await migrator.close()
    }

    /// Tries again until the database is there. A schema that does not fit ends the process.
    struct Later: ServiceLifecycle.Service {
        let preparation: SchemaPreparation
        let logger: Logger

        func run() async throws {
            logger.warning("the database is away: events are spooled until it is back")
            try await cancelWhenGracefulShutdown {
                do {
                    while try await !preparation.attempt(orWait: true) { try await Task.sleep(for: .seconds(1)) }
                    logger.notice("the database is there, its schema is up to date")
                    try await gracefulShutdown()
                } catch is CancellationError {
                    // Stopped while it waited.
                }
            }
        }
    }
}
