// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import FoundationEssentials

struct KeysCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key for a customer, and show it once.",
        discussion: """
            The same idempotency key never makes a second one: after a failure whose outcome is unknown, repeat the \
            command with the one it printed. If the key had been made, it is shown without the secret: delete it then, \
            and make another.
            """
    )

    @OptionGroup var customer: CustomerArgument
    @OptionGroup var options: KeyOptions

    @Option(help: ArgumentHelp("Names this request. Without it: a new one.", valueName: "key"))
    var idempotencyKey: String?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let name = idempotencyKey ?? UUID().uuidString.lowercased()
        let expiresAt = options.expiresAt?.future()
        let wanted = Object<KeysAPI.CreateRequest> {
            $0.label = options.label
            $0.expiresAt = expiresAt
        }
        try await connection.withService { service in
            let isKnown = await isCustomerKnown(to: service)
            do throws(ServiceError) {
                let answer = try await service.call(KeysAPI.create, or: KeysAPI.ShownKey.self, body: wanted) {
                    $0.customer = customer.id
                    $0.idempotencyKey = name
                }
                connection.show(answer, as: KeyReport.new)
                if !isKnown {
                    ExitReport.say(
                        """
                        tollgate: nobody had named \(customer.id) before: check the id. It may not call until something \
                        entitles it.
                        """)
                }
            } catch {
                if error.isDefinite { throw error }
                // A distance such as 4h would be another end then, and so another request.
                let end = expiresAt.map { " --expires-at \($0)" } ?? ""
                ExitReport.say("tollgate: to repeat this safely, give --idempotency-key \(name)\(end)")
                throw error
            }
        }
    }

    /// Only for a hint: whatever else is wrong, the request itself will tell.
    private func isCustomerKnown(to service: ServiceClient) async -> Bool {
        do throws(ServiceError) {
            _ = try await service.call(CustomersAPI.show) { $0.customer = customer.id }
            return true
        } catch {
            guard case .refused(_, _, let code, _) = error else { return true }
            return code != ProblemCode.unknownCustomer.rawValue
        }
    }
}
