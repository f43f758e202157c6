// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cluster
import Console

/// For our own scripts: the PostgreSQL server that tests and benches run on.
struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Make a PostgreSQL for one run of tests or benches, and stop it.",
        shouldDisplay: false,
        subcommands: [Make.self, Stop.self, Programs.self]
    )

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a cluster in an empty folder, start it, and print its address.")

        @Argument(help: "An absolute path. Deleting it is up to the caller.")
        var folder: String

        @Option(help: ArgumentHelp("A line of postgresql.conf; can be repeated.", valueName: "name=value"))
        var setting: [String] = []

        @Flag(help: "Do not wait until its files are on disk.")
        var noSync = false

        func run() async throws {
            try await ExitReport.reporting {
                let cluster = try await ThrowawayCluster(in: folder)
                try await cluster.make(setting, isSynced: !noSync)
                try await cluster.start()
                StandardOutput.print(cluster.dataSource)
            }
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop the cluster in a folder, if one runs there.")

        @Argument(help: "Where it was made.")
        var folder: String

        @Flag(help: "As a crash would.")
        var immediate = false

        func run() async throws {
            try await ExitReport.reporting {
                try await ThrowawayCluster(in: folder).stop(immediate ? .immediate : .fast)
            }
        }
    }

    struct Programs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the folder of PostgreSQL's own programs.")

        func run() async throws {
            try await ExitReport.reporting { StandardOutput.print(try await ThrowawayCluster.programFolder()) }
        }
    }
}
