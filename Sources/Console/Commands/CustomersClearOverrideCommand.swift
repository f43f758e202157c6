// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct CustomersClearOverrideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear-override",
        abstract: "Take an override back, so that the rules decide again.",
        discussion: "The timeline keeps the label of the token that did it."
    )

    @OptionGroup var customer: CustomerArgument
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withService { service in
            let answer = try await service.call(CustomersAPI.clearOverride) { $0.customer = customer.id }
            connection.show(answer) { answer, _ in
                ["\(customer.id): \(answer.cleared ? "the rules decide again" : "had no override")"]
            }
        }
    }
}
