// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import NIOHTTP1
import Notation
import Stripe

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
                connection.show(try await service.json(.GET, "/admin/v1/replays", as: .list), as: ReplayReport.list)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show how far a replay is, and how its events ended.")

        @OptionGroup var replay: ReplayArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                connection.show(try await service.json(.GET, replay.path, as: .replay), as: ReplayReport.show)
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
                let answer = try await service.json(.POST, "\(replay.path)/cancel", as: .replay)
                connection.show(answer) { answer, _ in [ReplayReport.summary(answer)] }
            }
        }
    }
}

/// The replay that a command is about.
struct ReplayArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The replay's id.", valueName: "rpl_…"))
    var id: String

    func validate() throws {
        guard ID.isValid(id) else { throw ValidationError("\"\(id)\" is no id of a replay, such as \"rpl_1a2b3c\".") }
    }

    var path: String { Self.path(id) }

    static func path(_ id: String) -> String { "/admin/v1/replays/\(PercentEncoding.segment(id))" }
}
