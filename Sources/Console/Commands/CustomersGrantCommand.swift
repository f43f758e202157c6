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

    @Option(
        help: ArgumentHelp(
            "When the credits lapse, such as \(PointInTime.forms). Without it: never.", valueName: "time"))
    var expiresAt: PointInTime?

    @Option(help: ArgumentHelp("Names this grant. Without it: a new one.", valueName: "key"))
    var idempotencyKey: String?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if amount == 0 { throw ValidationError("--amount is 0, which grants nothing.") }
        if expiresAt != nil, amount < 0 {
            throw ValidationError(
                "--expires-at is for credits that are given: credits that are taken back do not lapse.")
        }
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty.") }
        if let idempotencyKey, idempotencyKey.isEmpty || !idempotencyKey.isVisibleASCII {
            throw ValidationError("--idempotency-key must be printable ASCII without spaces.")
        }
    }

    func run() async throws {
        let key = idempotencyKey ?? UUID().uuidString.lowercased()
        let end = expiresAt?.future()
        try await connection.withService { service in
            do throws(ServiceError) {
                let grant = Object<CustomersAPI.GrantRequest> {
                    $0.amount = amount
                    $0.reason = reason
                    $0.expiresAt = end
                }
                let answer = try await service.call(CustomersAPI.grant, body: grant) {
                    $0.customer = customer.id
                    $0.idempotencyKey = key
                }
                connection.show(answer) { answer, _ in
                    let entry = "entry \(answer.number), \(Field.second(answer.at))"
                    let lapse = answer.expiresAt.map { " until \(Field.second($0))" } ?? ""
                    let credits = "\(Field.signed(amount)) credits\(lapse), balance \(answer.balance)"
                    return ["\(customer.id): \(credits)  (\(entry))"]
                        + CustomerReport.created(answer.customer, answer.created)
                }
            } catch {
                if error.isDefinite { throw error }
                // A distance such as 4h would be another end then, and so another grant.
                let same = end.map { " --expires-at \($0)" } ?? ""
                ExitReport.say("tollgate: to repeat this grant safely, give --idempotency-key \(key)\(same)")
                throw error
            }
        }
    }
}
