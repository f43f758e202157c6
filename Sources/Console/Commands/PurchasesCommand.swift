// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import NIOHTTP1

struct PurchasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purchases",
        abstract: "Look at purchases: what is known of a payment, which ones wait for a customer, and whose one is.",
        subcommands: [Waiting.self, Show.self, PurchasesAssignCommand.self]
    )

    struct Waiting: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the purchases of guests, whose credits wait for a customer.",
            discussion: """
                They are credited when an event links the payment to a customer. Where none will come: tollgate \
                purchases assign pi_… --customer cus_… --reason … (a grant would leave them waiting, and credit twice \
                if an event comes after all).
                """
        )

        @Option(help: ArgumentHelp("How many, 1 to 100.", valueName: "number"))
        var limit = 10

        @Option(help: ArgumentHelp("Continue after this purchase, the last of the page before.", valueName: "id"))
        var startingAfter: String?

        @OptionGroup var connection: ConnectionOptions

        func validate() throws {
            guard (1...100).contains(limit) else { throw ValidationError("--limit \(limit) is not within 1 to 100.") }
        }

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.json(
                    .GET,
                    "/admin/v1/purchases",
                    as: .list,
                    query: [("waiting", "true"), ("limit", String(limit)), ("starting_after", startingAfter)]
                )
                connection.show(answer, as: PurchaseReport.list)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a purchase: its objects at Stripe, its refunds and disputes, and the credits it gave.")

        @OptionGroup var purchase: PurchaseArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.json(.GET, purchase.path, as: .purchase)
                connection.show(answer, as: PurchaseReport.show)
            }
        }
    }
}
