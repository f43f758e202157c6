// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import FoundationEssentials

struct KeysRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a new key in the place of another, and show it once.",
        discussion: """
            The new one has the customer and the label of the old one, which goes on working for the overlap, or ends \
            sooner by itself. An imported, disabled or ended key cannot be rotated: create a new one.
            """
    )

    @OptionGroup var key: KeyArgument

    @Option(help: ArgumentHelp("How long both work, 0s to 30d.", valueName: "duration"))
    var overlap = "24h"

    @Option(help: ArgumentHelp("Names this request. Without it: a new one.", valueName: "key"))
    var idempotencyKey: String?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard KeysAPI.overlap(overlap) != nil else {
            throw ValidationError("--overlap \(overlap) is not a length of time from 0s to 30d, such as 24h.")
        }
    }

    func run() async throws {
        let name = idempotencyKey ?? UUID().uuidString.lowercased()
        guard let overlap = KeysAPI.overlap(overlap) else { throw ExitCode.validationFailure }
        let wanted = Object<KeysAPI.RotateRequest> { $0.overlap = overlap }
        try await connection.withService { service in
            do throws(ServiceError) {
                let answer = try await service.call(KeysAPI.rotate, or: KeysAPI.ShownKey.self, body: wanted) {
                    $0.id = key.id
                    $0.idempotencyKey = name
                }
                connection.show(answer, as: KeyReport.new)
            } catch {
                if error.isDefinite { throw error }
                ExitReport.say("tollgate: to repeat this safely, give --idempotency-key \(name)")
                throw error
            }
        }
    }
}
