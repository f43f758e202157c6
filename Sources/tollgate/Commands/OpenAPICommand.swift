// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import Console
import Telemetry

struct OpenAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi",
        abstract: "Print the HTTP API of this version as OpenAPI 3.1.",
        discussion: "A running Tollgate answers the same at /openapi.json on its private listener."
    )

    func run() async throws {
        try await ExitReport.reporting {
            StandardOutput.print(PrettyJSON.text(OpenAPIDocument(version: Version.current).json))
        }
    }
}
