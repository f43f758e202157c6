// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct PricesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices",
        abstract: "Say how many credits a Stripe price buys.",
        discussion: """
            Counts for invoices that are applied from now on; the credits of a purchase never change afterwards. An \
            invoice that was applied before its price was listed gets its credits by a replay of its event. Checkout \
            sessions and PaymentIntents say in their metadata how many credits they buy. Changes in the middle of a \
            period (prorations) buy credits in proportion where --unit-amount says what a whole unit costs; else none.
            """,
        subcommands: [List.self, Show.self, Set.self, Remove.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the prices that buy credits.")

        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                connection.show(try await service.call(PricesAPI.list)) { PriceReport.list($0.data, $1) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what one unit of a price buys, and who set it.")

        @OptionGroup var price: PriceArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.call(PricesAPI.show) { $0.price = price.id }
                connection.show(answer) { PriceReport.list([$0], $1) }
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a price, or change what it buys.")

        @OptionGroup var price: PriceArgument

        @Option(help: ArgumentHelp("Credits per unit, 1 to 10^15.", valueName: "number"))
        var credits: Int64

        @Option(
            help: ArgumentHelp(
                "What one unit costs, in the currency's smallest unit: prorations then buy credits in proportion.",
                valueName: "number"))
        var unitAmount: Int64?

        @OptionGroup var connection: ConnectionOptions

        func validate() throws {
            guard PricesAPI.credits.contains(credits) else {
                throw ValidationError("--credits \(credits) is not within 1 to 10^15.")
            }
            if let unitAmount, !PricesAPI.unitAmount.contains(unitAmount) {
                throw ValidationError("--unit-amount \(unitAmount) is below 1.")
            }
        }

        func run() async throws {
            try await connection.withService { service in
                let wanted = Object<PricesAPI.Request> {
                    $0.credits = credits
                    $0.unitAmount = unitAmount
                }
                let answer = try await service.call(PricesAPI.set, body: wanted) { $0.price = price.id }
                if price.id.hasPrefix("prod_") {
                    ExitReport.say(
                        "tollgate: \(price.id) looks like a product, which no invoice line names as its price: set the "
                            + "price_… that it is sold for, and remove this one")
                }
                let parts = unitAmount.map { ", and in proportion to \($0) in a proration" } ?? ""
                connection.show(answer) { _, _ in ["\(price.id) buys \(credits) credits\(parts)"] }
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a price from the list: it buys no credits.")

        @OptionGroup var price: PriceArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.call(PricesAPI.remove) { $0.price = price.id }
                connection.show(answer) { _, _ in ["\(price.id) buys no credits"] }
            }
        }
    }
}
