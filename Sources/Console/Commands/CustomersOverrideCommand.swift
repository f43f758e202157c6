// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct CustomersOverrideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "override",
        abstract: "Decide a customer's access by hand.",
        usage: "tollgate customers override <cus_…> (--allow | --deny) --reason <text> [--until <time>] [<options>]",
        discussion: """
            Stands above every rule until it ends or 'tollgate customers clear-override' takes it back. The timeline \
            keeps the reason and the label of the token that set it.
            """
    )

    @OptionGroup var customer: CustomerArgument

    @Flag(help: "Let the customer in, whatever Stripe says.")
    var allow = false

    @Flag(help: "Keep the customer out, whatever Stripe says.")
    var deny = false

    @Option(help: ArgumentHelp("Why, for the timeline.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("When it ends, such as \(PointInTime.forms). Without it: never.", valueName: "time"))
    var until: PointInTime?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty.") }
        if allow == deny { throw ValidationError("Give --allow or --deny, one of the two.") }
    }

    func run() async throws {
        try await connection.withService { service in
            let until = until?.future()
            let override = Object<CustomersAPI.OverrideRequest> {
                $0.allowed = allow
                $0.reason = reason
                $0.until = until
            }
            let answer = try await service.call(CustomersAPI.override, body: override) { $0.customer = customer.id }
            connection.show(answer) { answer, _ in
                let end = until.map { "until \($0)" } ?? "until it is cleared"
                return ["\(customer.id): \(allow ? "allowed" : "BLOCKED") by override \(end)"]
                    + CustomerReport.created(answer.customer, answer.created)
            }
        }
    }
}
