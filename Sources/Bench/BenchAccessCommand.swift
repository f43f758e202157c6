// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Notation
import Settings
import Stripe

struct BenchAccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Ask for customers' access, as gateways do.",
        discussion: """
            GET /v1/customers/{customer}/access on the private listener, of customers at random. 'bench ingest' makes \
            them, and a worker has to have processed their events; those who are not known are answered 404.

            Exit code 0 when requests were answered with 2xx, else 1.
            """
    )

    @Option(
        help: ArgumentHelp(
            "How many of the customers that 'bench ingest' makes, or a file with one id per line.",
            valueName: "number or file"
        )
    )
    var customers = "100000"

    @Option(
        help: ArgumentHelp(
            "The gateway token.",
            discussion: """
                Default: the first of TOLLGATE_GATEWAY_TOKEN or TOLLGATE_GATEWAY_TOKEN_FILE, else what 'tollgate dev' \
                wrote. Other users of this machine can see what is given here; prefer the environment.
                """,
            valueName: "token"
        )
    )
    var token: String?

    @OptionGroup var phase: PhaseOptions
    @OptionGroup var options: BenchOptions

    func validate() throws {
        if let count = Int(customers), !(1...99_999_999).contains(count) {
            throw ValidationError("--customers \(count) is out of range; give 1 to 99999999, or a file.")
        }
        if let token, token.isEmpty || !token.isVisibleASCII {
            throw ValidationError("--token is empty or holds what no Authorization header can carry.")
        }
    }

    func run() async throws {
        try await ExitReport.reporting {
            let settings = try ClientSettings(readsDatabase: true)
            let url = try options.privateUrl ?? settings.url(for: .gatewayToken)
            let target = try BenchTarget(url, option: "--private-url")
            let token = try token.map(Secret.init) ?? settings.token(.gatewayToken, for: target.base)
            let (duration, warmUp) = try phase.times()
            let requests = AccessRequests(try whom(), token: token, from: target)
            let meter = try await options.meter(settings, privateBase: target.base)

            let measurement = Measurement(
                target: target, connections: options.connections, meter: meter, warmUp: warmUp, duration: duration)
            let before = try await measurement.warmUp(with: requests)
            let report = try await measurement.measure(requests, after: before)
            options.show(report.json, as: report.lines)
            if report.tally.successes == 0 { throw ExitCode.failure }
        }
    }

    private func whom() throws -> AccessRequests.Customers {
        if let count = Int(customers) { return .numbered(count) }
        let text: String
        do {
            text = try EnvironmentVariables.contents(ofFile: customers)
        } catch {
            throw ValidationError("--customers \(customers) is neither a number nor a file that can be read.")
        }
        let ids = text.split(whereSeparator: \.isNewline).map(String.init)
        guard !ids.isEmpty else { throw ValidationError("--customers \(customers): the file is empty.") }
        if let index = ids.firstIndex(where: { !ID.isValid($0) }) {
            throw ValidationError("--customers \(customers): line \(index + 1) is no customer id.")
        }
        return .listed(ids)
    }
}
