// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import NIOHTTP1

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
            let answer = try await service.json(.DELETE, "\(customer.path)/override", as: .customer)
            connection.show(answer) { answer, _ in
                ["\(customer.id): \(answer["cleared"]?.bool == false ? "had no override" : "the rules decide again")"]
            }
        }
    }
}
