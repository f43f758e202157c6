// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser
import NIOCore
import NIOHTTP1

struct HealthcheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Tell by the exit code whether Tollgate can make events durable.",
        discussion: """
            Asks /readyz on the private listener. Exit code 0: PostgreSQL or the spool takes events; of a lone worker: it \
            processes them. Exit code 1: not so, or there is no whole answer \
            within 3 seconds. Silent on success, so that it fits a container's health check.
            """
    )

    @Option(
        help: ArgumentHelp(
            "The private listener.",
            discussion:
                "Default: TOLLGATE_PRIVATE_ADDRESS, else what 'tollgate dev' wrote, else http://127.0.0.1:8081.",
            valueName: "url"
        )
    )
    var url: String?

    @OptionGroup var trust: TrustOptions

    @Flag(help: "Print what /readyz answered.")
    var verbose = false

    func validate() throws {
        if let url, WebAddress.service(url) == nil { throw ValidationError("--url \(url): \(WebAddress.form)") }
    }

    func run() async throws {
        try await ExitReport.reporting {
            let settings = try ClientSettings()
            let base = try url.flatMap(WebAddress.service) ?? settings.privateURL()
            let authorities = try trust.authorities(for: base, settings)
            let answer = try await ServiceClient.with(
                base: base, timeout: .seconds(3), bodyLimit: 1 << 20, authorities: authorities
            ) {
                try await $0.send(.GET, HealthAPI.ready.endpoint.path)
            }
            guard answer.status == 200 else {
                let request = "GET \(HealthAPI.ready.endpoint.path)"
                if let detail = HealthReport.fault(answer.body) {
                    throw ServiceError.refused(request: request, status: answer.status, code: nil, detail: detail)
                }
                throw ServiceError.refused(request: request, status: answer.status, body: answer.body)
            }
            if verbose { StandardOutput.print(TerminalSafe.text(answer.body)) }
        }
    }
}
