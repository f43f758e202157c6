// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console

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

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var phase: PhaseOptions
    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await ExitReport.reporting {
            let settings = try ClientSettings(readsDatabase: true)
            let target = try gateway.target(settings, options.privateUrl)
            let token = try gateway.token(settings, for: target)
            let (duration, warmUp) = try phase.times()
            let requests = AccessRequests(try gateway.whom(), token: token, from: target)
            let meter = try await options.meter(settings, privateBase: target.base)

            let measurement = Measurement(
                target: target, connections: options.connections, meter: meter, warmUp: warmUp, duration: duration)
            let before = try await measurement.warmUp(with: requests)
            let report = try await measurement.measure(requests, after: before)
            options.show(report.json, as: report.lines)
            if report.tally.successes == 0 { throw ExitCode.failure }
        }
    }
}
