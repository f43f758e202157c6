// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

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

    @OptionGroup var page: PageOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard let reason else { return }
        guard let word = AccessAPI.ReasonWord(rawValue: reason) else {
            let known = AccessAPI.ReasonWord.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--reason \(reason) is none of: \(known).")
        }
        if let access, (access == .allowed) != word.allows {
            let right = word.allows ? "allows" : "blocks"
            throw ValidationError("--reason \(reason) always \(right): with --\(access) it finds nobody.")
        }
    }

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(CustomersAPI.list) {
                $0.allowed = access.map { $0 == .allowed }
                $0.reason = reason.flatMap(AccessAPI.ReasonWord.init)
                $0.changedAfter = changedAfter?.past()
                $0.limit = page.limit
                $0.startingAfter = page.startingAfter
            }
            connection.showPage(answer, as: CustomerReport.list)
        }
    }
}
