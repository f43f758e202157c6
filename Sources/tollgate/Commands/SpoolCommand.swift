// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import FoundationEssentials
import Glibc
import Ingest
import Logging
import Notation
import Postgres
import Processing
import Settings
import Spool
import Store
import Stripe

struct SpoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spool",
        abstract: "Look at the events that wait on disk for the database, or move them there by hand.",
        discussion: """
            Events are spooled in TOLLGATE_SPOOL_DIR while PostgreSQL does not take them; a running server drains them by \
            itself. What was damaged or not taken is kept beside them, in damaged/ and refused/.
            """,
        subcommands: [List.self, Drain.self]
    )

    /// The directory, from the same setting as the server's.
    private static func directory(for profile: Profile) throws -> (path: String, configuration: Configuration) {
        let configuration = try Configuration(profile: profile, say: ExitReport.say)
        guard let path = configuration.spoolDirectory else {
            throw ConfigurationError(variable: "TOLLGATE_SPOOL_DIR", reason: "is off: there is no spool")
        }
        return (path, configuration)
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what waits; a server may be running.")

        @Flag(help: "Print it as JSON.")
        var json = false

        func run() async throws {
            try await ExitReport.reporting {
                let (path, _) = try SpoolCommand.directory(for: .listSpool)
                let inventory = try Spool.list(configured: path)
                if json {
                    StandardOutput.print(PrettyJSON.text(Self.document(inventory, directory: path)))
                    return
                }
                let terminal = Terminal.standardOutput
                var table = TextTable("SEGMENT", "EVENTS", "BYTES", "DAMAGED BYTES", "FIRST", "LAST")
                for segment in inventory.segments {
                    table.add(
                        segment.name, "\(segment.records)", "\(segment.bytes)",
                        segment.damagedBytes == 0 ? nil : "\(segment.damagedBytes)",
                        segment.firstReceivedAt.map { "\($0)" }, segment.lastReceivedAt.map { "\($0)" }
                    )
                }
                StandardOutput.print(
                    (table.isEmpty ? ["nothing waits in \(path)"] : table.lines(terminal)).joined(separator: "\n"))
                if inventory.damaged > 0 {
                    StandardOutput.print("\(inventory.damaged) pieces of damage are kept in \(path)/damaged")
                }
                if inventory.refused > 0 {
                    StandardOutput.print("\(inventory.refused) refused events are kept in \(path)/refused")
                }
                for file in inventory.foreign { StandardOutput.print("\(file.path) is not read: \(file.reason)") }
            }
        }

        private static func document(_ inventory: SpoolInventory, directory: String) -> JSON {
            [
                "directory": .string(directory),
                "data": .array(
                    inventory.segments.map { segment in
                        [
                            "segment": .string(segment.name),
                            "events": .integer(Int64(segment.records)),
                            "bytes": .integer(Int64(segment.bytes)),
                            "damaged_bytes": .integer(Int64(segment.damagedBytes)),
                            "first_received_at": segment.firstReceivedAt.map { .string("\($0)") } ?? .null,
                            "last_received_at": segment.lastReceivedAt.map { .string("\($0)") } ?? .null,
                        ]
                    }),
                "damaged": .integer(Int64(inventory.damaged)),
                "refused": .integer(Int64(inventory.refused)),
                "not_read": .array(
                    inventory.foreign.map { ["path": .string($0.path), "reason": .string($0.reason)] }),
            ]
        }
    }

    struct Drain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move what waits into the database; for a spool whose server is gone.",
            discussion: """
                Needs DATABASE_URL, the STRIPE_WEBHOOK_SECRET of what waits, and the spool to itself: a running server, or \
                'tollgate dev', drains its own, and beside it this ends with 78. Stop it first, if you need --trust. Where \
                DATABASE_URL is not set and a 'tollgate dev' runs in this folder, this is about its database: name another \
                server's spool with TOLLGATE_SPOOL_DIR, and give --trust if other secrets signed what is there. An event that no known secret signed goes into refused/, beside what the \
                database refused; it leaves that folder by --trust alone, whatever secrets are set later. Ends with 1 \
                where anything was set aside, or lies in refused/ when it is done.
                """
        )

        @Flag(help: "Accept what waits without checking its signature, and retry what is in refused/.")
        var trust = false

        @Flag(help: "Print the counts as JSON.")
        var json = false

        func run() async throws {
            try await ExitReport.reporting {
                let (path, configuration) = try SpoolCommand.directory(for: .drainSpool)
                if !trust, configuration.webhookSecrets.isEmpty {
                    throw ConfigurationError(
                        variable: "STRIPE_WEBHOOK_SECRET", reason: "is needed to check what waits; or give --trust")
                }
                let verifier =
                    trust
                    ? nil
                    : try SignatureVerifier(secrets: configuration.webhookSecrets, tolerance: configuration.tolerance)
                Self.sayWhereNoneIs(path)
                let spool = try Spool.open(configured: path, limit: configuration.spoolLimit)
                let logger = Logger(label: "spool", configuration)
                let store = Store(DataSource(try configuration.required(\.databaseURL).value), logger: logger)
                let report = try await withResource(store) { store in
                    try await withResource(spool) { spool in
                        let drainer = SpoolDrainer(store.inbox, spool: spool, verifier: verifier, logger: logger)
                        return try await drain(drainer, spool, in: path)
                    }
                }
                if json {
                    StandardOutput.print(PrettyJSON.text(report.document))
                } else {
                    for line in report.summary { StandardOutput.print(line) }
                }
                for line in report.advice { ExitReport.say("tollgate: \(line)") }
                if report.isIncomplete { throw ExitCode.failure }
            }
        }

        private func drain(_ drainer: SpoolDrainer, _ spool: Spool, in path: String) async throws -> DrainReport {
            var drained = try await drainer.drain()
            drained.damaged += spool.recovery.damage.count
            let refused = trust ? try await drainer.drainRefused() : nil
            let left = try await spool.setAsideCounts()
            return DrainReport(
                directory: path, drained: drained, movedRefused: refused?.moved, refused: left.refused,
                damaged: left.damaged, foreign: spool.recovery.foreign)
        }

        /// The folder is created all the same and nothing waits in it: with a wrong path, that looks like success.
        private static func sayWhereNoneIs(_ path: String) {
            guard access(path, F_OK) != 0 else { return }
            let place = AbsolutePath.of(path)
            ExitReport.say("tollgate: there was no spool at \(place); TOLLGATE_SPOOL_DIR says where one is")
        }
    }
}
