// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console

struct BenchSpendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spend",
        abstract: "Hold credits and settle the holds, as gateways do.",
        discussion: """
            Pairs of PUT /v1/customers/{customer}/holds/{hold} and POST …/settle on the private listener, of customers \
            at random: each connection holds 2 credits by an id of its own, settles 1 of them, and goes on. \
            --customers 1 has all of them spend from one balance. Each customer is granted credits by the admin API \
            before the time measured, once: a customer's later runs spend from the same. Every hold that was granted is \
            settled, the last ones after the time measured.

            A pair counts when its settlement was answered with 2xx within that time; latencies are of all answers.

            Exit code 0 when holds were settled, else 1.
            """
    )

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var admin: AdminTokenOption

    @Flag(name: .customLong("no-grant"), help: "The credits are there, from an earlier run.")
    var grantsNothing = false

    @OptionGroup var phase: PhaseOptions
    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await ExitReport.reporting {
            let settings = try ClientSettings(readsDatabase: true)
            let target = try gateway.target(settings, options.privateUrl)
            let token = try gateway.token(settings, for: target)
            let (duration, warmUp) = try phase.times()
            let customers = try gateway.whom()
            let meter = try await options.meter(settings, privateBase: target.base)
            if !grantsNothing {
                let grants = CreditGrants(customers, token: try admin.token(settings, for: target), into: target)
                try await Preparation(target: target, connections: options.connections)
                    .run(grants, count: customers.count, "granting credits", undone: "grants were not made")
            }

            let measurement = Measurement(
                target: target, connections: options.connections, meter: meter, warmUp: warmUp, duration: duration)
            // Of two sources: the id of a hold is never used twice.
            func requests() -> SpendRequests {
                SpendRequests(customers, token: token, from: target, seed: .random(in: .min ... .max))
            }
            let before = try await measurement.warmUp(with: requests())
            let report = SpendReport(try await measurement.measure(requests(), after: before))
            options.show(report.json, as: report.lines)
            if report.pairs == 0 { throw ExitCode.failure }
        }
    }
}
