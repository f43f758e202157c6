// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import Notation

struct KeysChangeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Give a key another label or end; what is not named stays.")

    @OptionGroup var key: KeyArgument

    @Option(help: ArgumentHelp("What to call it, such as production.", valueName: "text"))
    var label: String?

    @Flag(help: "It never ends, unless it is deleted.")
    var neverExpires = false

    @Option(help: ArgumentHelp("When it ends, such as \(PointInTime.forms).", valueName: "time"))
    var expiresAt: PointInTime?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if label == nil, expiresAt == nil, !neverExpires {
            throw ValidationError("Say what to change: --label, --expires-at or --never-expires.")
        }
        if expiresAt != nil, neverExpires {
            throw ValidationError("--expires-at and --never-expires contradict one another.")
        }
        if let label, label.allSatisfy(\.isWhitespace) { throw ValidationError("--label is empty.") }
    }

    func run() async throws {
        let change = try change()
        try await connection.withService { service in
            let answer = try await service.call(KeysAPI.change, body: change) { $0.id = key.id }
            connection.show(answer) { KeyReport.list([$0], $1) }
        }
    }

    private func change() throws -> Object<KeysAPI.ChangeRequest> {
        let named = Object<KeysAPI.ChangeRequest> {
            $0.label = label
            $0.expiresAt = expiresAt?.future()
        }
        guard neverExpires, let members = named.json.object else { return named }
        // Null takes the end away; what is missing stays.
        do throws(FormFault) {
            return try Object(reading: .object(members.merging(["expires_at": .null]) { $1 }))
        } catch {
            throw ValidationError("The field \(error.path) \(error.reason).")
        }
    }
}
