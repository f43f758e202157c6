// SPDX-License-Identifier: Apache-2.0

import Logging
import Postgres
import ServiceLifecycle
import Store

/// Brings the schema up to date, or checks that it is, before anything uses it; later if the database is unavailable.
struct SchemaPreparation: Sendable {
    private let source: DataSource
    private let migrates: Bool
    private let logger: Logger

    init(_ source: DataSource, migrates: Bool, logger: Logger) {
        self.source = source
        self.migrates = migrates
        self.logger = logger
    }

    /// - Returns: nil once the schema is ready, else why the database is unavailable, which is then not an error.
    func attempt() async throws -> PostgresError? {
        do {
            try await prepare()
            return nil
        } catch let error as PostgresError where error.isTransient {
            return error
        }
    }

    private func prepare() async throws {
        let migrator = Migrator(source) { [logger] in
            logger.log(level: $0.isWarning ? .warning : .notice, "\($0)")
        }
        try await withResource(migrator) { migrator in
            if migrates { try await migrator.prepare() } else { try await migrator.check() }
        }
    }

    /// What was not possible at startup, and why.
    struct Pending: Sendable {
        let preparation: SchemaPreparation
        let error: PostgresError
        /// Whether events are accepted in the meantime.
        let spools: Bool
    }

    /// Retries until the database is available. A schema that does not fit ends the process.
    struct Later: Service {
        let pending: Pending
        let outages: Outages
        let logger: Logger

        func run() async throws {
            say(pending.error)
            try await cancelWhenGracefulShutdown {
                do {
                    var last = pending.error.connectFailure
                    while let error = try await pending.preparation.attempt() {
                        // Another cause is news; the same one is not.
                        if error.connectFailure != last { say(error) }
                        last = error.connectFailure
                        outages.failed(.schema, error, isReported: true)
                        try await Task.sleep(for: .seconds(1))
                    }
                    logger.notice("the database is there, its schema is up to date")
                    outages.worked(.schema)
                    try await gracefulShutdown()
                } catch is CancellationError {
                    // Stopped while waiting.
                }
            }
        }

        /// A state that lasts until somebody fixes it must not look like a passing outage.
        private func say(_ error: PostgresError) {
            let failure = error.connectFailure
            var metadata: Logger.Metadata = ["error": "\(error)"]
            if let failure { metadata["advice"] = "\(failure.advice)" }
            logger.log(
                level: failure?.needsOperator == true ? .critical : .warning,
                "the database is away: \(pending.spools ? "events are spooled" : "nothing is processed") until it is back",
                metadata: metadata)
        }
    }
}
