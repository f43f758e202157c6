// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import NIOHTTP1
import Notation

struct CustomersGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Give a customer credits, or take some back with a negative amount.",
        discussion: """
            One entry in the ledger, with its reason and the label of the token that made it. The same idempotency key \
            never grants twice: after a failure whose outcome is unknown, repeat the command with the key it printed.
            """
    )

    @OptionGroup var customer: CustomerArgument

    @Option(parsing: .unconditional, help: ArgumentHelp("How many credits; negative takes back.", valueName: "number"))
    var amount: Int64

    @Option(help: ArgumentHelp("Why, for the ledger.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("Names this grant. Without it: a new one.", valueName: "key"))
    var idempotencyKey: String?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if amount == 0 { throw ValidationError("--amount is 0, which grants nothing.") }
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty.") }
        if let idempotencyKey, idempotencyKey.isEmpty || !idempotencyKey.isVisibleASCII {
            throw ValidationError("--idempotency-key must be printable ASCII without spaces.")
        }
    }

    func run() async throws {
        let key = idempotencyKey ?? UUID().uuidString.lowercased()
        try await connection.withService { service in
            do throws(ServiceError) {
                let answer = try await service.json(
                    .POST,
                    "\(customer.path)/credits",
                    as: .customer,
                    headers: [("Idempotency-Key", key)],
                    body: ["amount": .integer(amount), "reason": .string(reason)]
                )
                connection.show(answer) { answer, _ in
                    let balance = answer["balance"] ?? answer["credits"]
                    let end = Field.text(balance).map { ", balance \($0)" } ?? ""
                    return ["\(customer.id): \(Field.signed(.integer(amount)) ?? "") credits\(end)"]
                        + CustomerReport.created(answer)
                }
            } catch {
                if error.isDefinite { throw error }
                ExitReport.say("tollgate: to repeat this grant safely, give --idempotency-key \(key)")
                throw error
            }
        }
    }
}
