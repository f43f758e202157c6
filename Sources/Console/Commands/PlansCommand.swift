// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import Notation

struct PlansCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plans",
        abstract: "Say what customers are charged for what their calls cost.",
        discussion: """
            A customer has the plan that names a price of one of its subscriptions; TOLLGATE_PLAN names the plan of all \
            others. A change holds for what is priced from then on.
            """,
        subcommands: [List.self, Show.self, Set.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the plans.")

        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                connection.show(try await service.call(PlansAPI.list)) { PlanReport.list($0.data, $1) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a plan, and who set it.")

        @OptionGroup var plan: PlanArgument
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.call(PlansAPI.show) { $0.plan = plan.name }
                connection.show(answer) { PlanReport.list([$0], $1) }
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a plan, or change it. What is not given is not kept from before.")

        @OptionGroup var plan: PlanArgument

        @Option(help: ArgumentHelp("What the cost is multiplied by.", valueName: "factor"))
        var markup: String

        @Option(help: ArgumentHelp("What the charge is taken from: credits, meter or none.", valueName: "word"))
        var bill: PlansAPI.BillWord

        @Option(help: ArgumentHelp("How much of a month's charge is free.", valueName: "dollars"))
        var included: String?

        @Option(
            help: ArgumentHelp(
                "Another markup for what of a month's cost is above an amount, such as 1000:1.2. May be repeated.",
                valueName: "dollars:factor"))
        var tier: [PlanTierOption] = []

        @Option(help: ArgumentHelp("A price whose subscribers have the plan. May be repeated.", valueName: "price_…"))
        var price: [String] = []

        @OptionGroup var connection: ConnectionOptions

        func validate() throws {
            do throws(FormFault) {
                _ = try Object<PlansAPI.Request>(reading: wanted.json)
            } catch {
                throw ValidationError("\(error.path) \(error.reason).")
            }
        }

        var wanted: Object<PlansAPI.Request> {
            Object {
                $0.markup = markup
                $0.bill = bill
                $0.included = included
                $0.tiers = tier.map(\.object)
                $0.prices = price
            }
        }

        func run() async throws {
            try await connection.withService { service in
                let answer = try await service.call(PlansAPI.set, body: wanted) { $0.plan = plan.name }
                connection.show(answer) { PlanReport.list([$0], $1) }
            }
        }
    }
}

extension PlansAPI.BillWord: ExpressibleByArgument {}
