// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import EventReading
import Notation

struct StripeTypesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "types",
        abstract: "List the event types that an endpoint must deliver, and why.",
        discussion: "For who sets an endpoint up by hand; 'tollgate stripe setup' enables the same. Asks nobody."
    )

    @Flag(help: "Print them as JSON.")
    var json = false

    func run() async throws {
        try await ExitReport.reporting {
            let types = Interpretation.groups.flatMap { group in group.types.map { (name: $0, reason: group.reason) } }
            if json {
                let list = types.map { type -> JSON in ["type": .string(type.name), "reason": .string(type.reason)] }
                StandardOutput.print(PrettyJSON.text(["types": .array(list)]))
                return
            }
            var table = TextTable("EVENT TYPE", "WHY")
            for type in types { table.add(type.name, type.reason) }
            for line in table.lines(.standardOutput) { StandardOutput.print(line) }
        }
    }
}
