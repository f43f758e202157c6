// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import NIOHTTP1
import Notation
import Stripe

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
                connection.show(try await service.json(.GET, "/admin/v1/prices", as: .list), as: PurchaseReport.prices)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what one unit of a price buys, and who set it.")

        @OptionGroup var price: PriceArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                connection.show(try await service.json(.GET, price.path, as: .price)) { answer, terminal in
                    PurchaseReport.prices(["data": [answer]], terminal)
                }
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
            guard (1...1_000_000_000_000_000).contains(credits) else {
                throw ValidationError("--credits \(credits) is not within 1 to 10^15.")
            }
            if let unitAmount, unitAmount < 1 { throw ValidationError("--unit-amount \(unitAmount) is below 1.") }
        }

        func run() async throws {
            try await connection.withService { service in
                var body: [String: JSON] = ["credits": .integer(credits)]
                if let unitAmount { body["unit_amount"] = .integer(unitAmount) }
                let answer = try await service.json(.PUT, price.path, as: .price, body: .object(body))
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
                let answer = try await service.json(.DELETE, price.path, as: .price)
                connection.show(answer) { _, _ in ["\(price.id) buys no credits"] }
            }
        }
    }
}

/// The price that a command is about.
struct PriceArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The id of the price or plan.", valueName: "price_…"))
    var id: String

    func validate() throws {
        guard ID.isPrice(id) else {
            throw ValidationError("\"\(id)\" is no price id: letters, digits, hyphens, underscores and dots.")
        }
    }

    var path: String { "/admin/v1/prices/\(PercentEncoding.segment(id))" }
}
