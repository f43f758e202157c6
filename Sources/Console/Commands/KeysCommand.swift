// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, show and end the API keys that customers show to a gateway.",
        discussion: """
            A key is shown once, by the command that makes it: Tollgate stores its SHA-256. A change counts at every \
            gateway within a second.
            """,
        subcommands: [
            KeysCreateCommand.self, KeysImportCommand.self, List.self, Show.self, KeysChangeCommand.self, Disable.self,
            Enable.self,
            KeysRotateCommand.self, Delete.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a customer's keys, the newest first.")

        @OptionGroup var customer: CustomerArgument

        @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "number"))
        var limit = KeysAPI.standardLimit

        @Option(help: ArgumentHelp("Continue after this one, the last of the page before.", valueName: "id"))
        var startingAfter: String?

        @OptionGroup var connection: ConnectionOptions

        func validate() throws {
            guard KeysAPI.pageLimit.contains(limit) else {
                throw ValidationError("--limit \(limit) is not within 1 to 1000.")
            }
        }

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.call(KeysAPI.list) {
                    $0.customer = customer.id
                    $0.limit = limit
                    $0.startingAfter = startingAfter
                }
                connection.showPage(answer) { KeyReport.list($0, $1) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what is known of a key; never the key itself.")

        @OptionGroup var key: KeyArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                connection.show(try await service.call(KeysAPI.show) { $0.id = key.id }) { KeyReport.list([$0], $1) }
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse a key until it is enabled again.")

        @OptionGroup var key: KeyArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws { try await KeysCommand.set(disabled: true, key, connection) }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a disabled key again.")

        @OptionGroup var key: KeyArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws { try await KeysCommand.set(disabled: false, key, connection) }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a key at once and for ever.", discussion: "It can neither be restored nor imported again.")

        @OptionGroup var key: KeyArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.call(KeysAPI.delete) { $0.id = key.id }
                connection.show(answer) { _, _ in ["\(key.id) is deleted"] }
            }
        }
    }

    private static func set(disabled: Bool, _ key: KeyArgument, _ connection: ConnectionOptions) async throws {
        try await connection.withService { service in
            let change = Object<KeysAPI.ChangeRequest> { $0.disabled = disabled }
            let answer = try await service.call(KeysAPI.change, body: change) { $0.id = key.id }
            connection.show(answer) { KeyReport.list([$0], $1) }
        }
    }
}
