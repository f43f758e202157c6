// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct ReplaysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replays",
        abstract: "Run many events again, see how far that is, and stop it.",
        discussion: """
            For what failed for one cause, once that is mended: tollgate replays start --status failed --dry-run. What an \
            event has already changed is not changed again.
            """,
        subcommands: [ReplaysStartCommand.self, List.self, Show.self, Cancel.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the latest 20 replays.")

        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                connection.show(try await service.call(ReplaysAPI.list)) { ReplayReport.list($0.data, $1) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show how far a replay is, and how its events ended.")

        @OptionGroup var replay: ReplayArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.call(ReplaysAPI.show) { $0.id = replay.id }
                connection.show(answer, as: ReplayReport.show)
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop a replay: it queues no further events; those that are queued still end.")

        @OptionGroup var replay: ReplayArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.call(ReplaysAPI.cancel) { $0.id = replay.id }
                connection.show(answer) { answer, _ in [ReplayReport.summary(answer)] }
            }
        }
    }
}
