// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import FoundationEssentials
import Glibc
import Logging
import Postgres
import Settings

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run both listeners and the processing.",
        discussion: """
            Needs \(Profile.serve.neededNames), each also as NAME_FILE; \
            'tollgate config' shows all settings. Applies pending migrations first. SIGTERM ends it once what is in \
            flight has been answered, and so does SIGHUP where it was started on a terminal; elsewhere SIGHUP is noted \
            in the log and changes nothing.
            """
    )

    @Option(
        help: ArgumentHelp(
            "Run one part only: 'http' (the listeners) or 'worker' (the processing).",
            discussion: """
                A worker needs \(Profile.serveWorkerOnly.neededNames) alone; on TOLLGATE_PRIVATE_ADDRESS it answers \
                /healthz, /readyz, /metrics and /openapi.json. Beside an 'http' on one machine it needs an address of its own.
                """,
            valueName: "part"
        )
    )
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
            let configuration = try Configuration(profile: profile, say: ExitReport.say)
            try configuration.checkAddresses(isPublic: only != .worker)
            let source = DataSource(try configuration.required(\.databaseURL).value)
            let preparation = SchemaPreparation(
                source, migrates: !noMigrate, logger: Logger(label: "tollgate", configuration))
            // If events can wait in the spool, a database that is unavailable at startup is no reason to refuse them;
            // and a process that accepts none can simply wait.
            let canWait = only == .worker || configuration.spoolDirectory != nil
            let error = try await preparation.attempt()
            if let error, !canWait { throw error }
            // On a terminal, SIGHUP means that it was closed; a supervisor that sends one hopes for a reload.
            let signals = await StopSignals(
                hangup: isatty(STDERR_FILENO) == 1 ? .stops : .isNoted, limit: .seconds(20),
                logger: Logger(label: "tollgate", configuration))
            defer { signals.cancel() }
            let pending = error.map {
                SchemaPreparation.Pending(preparation: preparation, error: $0, spools: only != .worker)
            }
            try await App(
                configuration, source, pending: pending, signals: signals,
                notifySocket: ProcessInfo.processInfo.environment["NOTIFY_SOCKET"]
            ).run()
        }
    }
}
