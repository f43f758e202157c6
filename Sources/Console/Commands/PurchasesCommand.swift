// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

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

        @OptionGroup var page: PageOptions
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.call(PurchasesAPI.list) {
                    $0.waiting = true
                    $0.limit = page.limit
                    $0.startingAfter = page.startingAfter
                }
                connection.showPage(answer, as: PurchaseReport.list)
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
                let answer = try await service.call(PurchasesAPI.show) { $0.object = purchase.id }
                connection.show(answer, as: PurchaseReport.show)
            }
        }
    }
}
