// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console

struct BenchAuthorizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorize",
        abstract: "Ask whether the owners of API keys may call, as gateways do.",
        discussion: """
            GET /v1/authorize on the private listener, by the keys of customers at random. Each customer gets one key, \
            imported by the admin API before the time measured; the same one each time, made from the admin token. \
            Customers who may not call are answered 403.

            Exit code 0 when requests were answered with 2xx, else 1.
            """
    )

    /// Each takes 46 bytes of memory here.
    private static let most = 10_000_000

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var admin: AdminTokenOption

    @Flag(name: .customLong("no-import"), help: "The keys are there, from an earlier run.")
    var importsNothing = false

    @OptionGroup var phase: PhaseOptions
    @OptionGroup var options: BenchOptions

    func validate() throws {
        if let count = Int(gateway.customers), count > Self.most {
            throw ValidationError("--customers \(count) is out of range; give 1 to \(Self.most), or a file.")
        }
    }

    func run() async throws {
        try await ExitReport.reporting {
            let settings = try ClientSettings(readsDatabase: true)
            let target = try gateway.target(settings, options.privateUrl)
            let token = try gateway.token(settings, for: target)
            let adminToken = try admin.token(settings, for: target)
            let (duration, warmUp) = try phase.times()
            let keys = try BenchKeys(of: gateway.whom(), adminToken: adminToken)
            let meter = try await options.meter(settings, privateBase: target.base)
            if !importsNothing {
                try await Preparation(target: target, connections: options.connections)
                    .run(
                        KeyImports(keys, token: adminToken, into: target), count: keys.count, "importing keys",
                        undone: "keys were not imported")
            }

            let requests = AuthorizeRequests(keys, token: token, from: target)
            let measurement = Measurement(
                target: target, connections: options.connections, meter: meter, warmUp: warmUp, duration: duration)
            let before = try await measurement.warmUp(with: requests)
            let report = try await measurement.measure(requests, after: before)
            options.show(report.json, as: report.lines)
            if report.tally.successes == 0 { throw ExitCode.failure }
        }
    }
}
