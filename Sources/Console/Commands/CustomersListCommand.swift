// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import NIOHTTP1

struct CustomersListCommand: AsyncParsableCommand {
    enum AccessFlag: String, EnumerableFlag {
        case blocked, allowed

        static func help(for flag: AccessFlag) -> ArgumentHelp? {
            switch flag {
            case .blocked: "Only customers who may not call the API."
            case .allowed: "Only customers who may."
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List customers by what gateways are told of them right now.",
        discussion: """
            Who owes money: tollgate customers list --blocked --reason payment_overdue. Who lost access lately: tollgate \
            customers list --blocked --changed-after 2026-11-26T09:00:00Z
            """
    )

    @Flag(exclusivity: .exclusive)
    var access: AccessFlag?

    @Option(help: ArgumentHelp("Only customers for whom this decides, such as payment_overdue.", valueName: "reason"))
    var reason: String?

    @Option(
        help: ArgumentHelp(
            "Only customers whose answer became what it is after this time, such as \(PointInTime.forms).",
            valueName: "time"))
    var changedAfter: PointInTime?

    @Option(help: ArgumentHelp("How many, 1 to 100.", valueName: "number"))
    var limit = 10

    @Option(help: ArgumentHelp("Continue after this customer, the last of the page before.", valueName: "cus_…"))
    var startingAfter: String?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (1...100).contains(limit) else { throw ValidationError("--limit \(limit) is not within 1 to 100.") }
        if let reason, Reason(rawValue: reason) == nil {
            let known = Reason.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--reason \(reason) is none of: \(known).")
        }
    }

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.json(
                .GET,
                "/admin/v1/customers",
                as: .list,
                query: [
                    ("allowed", access.map { $0 == .allowed ? "true" : "false" }), ("reason", reason),
                    ("changed_after", changedAfter?.past()), ("limit", String(limit)),
                    ("starting_after", startingAfter),
                ]
            )
            connection.show(answer, as: CustomerReport.list)
        }
    }
}
