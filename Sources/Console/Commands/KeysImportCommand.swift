// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct KeysImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take over a key that was made elsewhere, by its SHA-256.",
        discussion: """
            The key must be one that nobody can guess, of 128 random bits or more, and 16 to 512 visible ASCII characters: \
            printf %s "$KEY" | sha256sum
            """
    )

    @OptionGroup var customer: CustomerArgument

    @Option(help: ArgumentHelp("The SHA-256 of the key, 64 lower-case hex digits.", valueName: "hex"))
    var sha256: String

    @OptionGroup var options: KeyOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard KeysAPI.ImportRequest.form.content.sha256.admits(sha256) else {
            throw ValidationError("--sha256 must be 64 lower-case hex digits.")
        }
    }

    func run() async throws {
        let expiresAt = options.expiresAt?.future()
        let wanted = Object<KeysAPI.ImportRequest> {
            $0.sha256 = sha256
            $0.label = options.label
            $0.expiresAt = expiresAt
        }
        try await connection.withService { service in
            let answer = try await service.call(KeysAPI.importKey, body: wanted) { $0.customer = customer.id }
            connection.show(answer) { KeyReport.list([$0], $1) }
        }
    }
}
