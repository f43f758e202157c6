// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import FoundationEssentials
import Notation

struct CustomersGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Give a customer credits, or take some back with a negative amount.",
        discussion: """
            One entry in the ledger, with its reason and the label of the token that made it. The same idempotency key \
            never grants twice: after a failure whose outcome is unknown, repeat the command with the key it printed. \
            What it then shows is the first grant: the number and the time of its entry, and the balance of that moment.
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
                let grant = Object<CustomersAPI.GrantRequest> {
                    $0.amount = amount
                    $0.reason = reason
                }
                let answer = try await service.call(CustomersAPI.grant, body: grant) {
                    $0.customer = customer.id
                    $0.idempotencyKey = key
                }
                connection.show(answer) { answer, _ in
                    let entry = "entry \(answer.number), \(Field.second(answer.at))"
                    return ["\(customer.id): \(Field.signed(amount)) credits, balance \(answer.balance)  (\(entry))"]
                        + CustomerReport.created(answer.customer, answer.created)
                }
            } catch {
                if error.isDefinite { throw error }
                ExitReport.say("tollgate: to repeat this grant safely, give --idempotency-key \(key)")
                throw error
            }
        }
    }
}
