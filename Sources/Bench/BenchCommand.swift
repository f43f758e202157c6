// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

package struct BenchCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure what a running Tollgate can take, to size a machine.",
        discussion: """
            Each bench is a closed loop: a number of connections, each of which sends a request when the last one is \
            answered. It runs on one core; give the server the others. Events that are posted stay in the database: \
            use one that is made for this, never the one you bill by.

            Order: 'bench ingest' makes the customers that 'bench access' and 'bench authorize' ask for; 'bench spend' \
            grants them credits, and makes those who are not there.
            """,
        subcommands: [
            BenchIngestCommand.self, BenchAccessCommand.self, BenchAuthorizeCommand.self, BenchSpendCommand.self,
            BenchProcessCommand.self,
        ]
    )

    package init() {}
}
