// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console
import Notation
import Settings

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
    /// An import is a commit: more of them at once than the server has sessions gain nothing.
    private static let importers = 8
    /// A closed loop has an end; the import is over long before.
    private static let importTime: Duration = .seconds(24 * 3_600)

    @OptionGroup var gateway: GatewayOptions

    @Option(
        help: ArgumentHelp(
            "The admin token.",
            discussion: """
                Default: the first of TOLLGATE_ADMIN_TOKEN or TOLLGATE_ADMIN_TOKEN_FILE, else what 'tollgate dev' wrote. \
                Other users of this machine can see what is given here; prefer the environment.
                """,
            valueName: "token"
        )
    )
    var adminToken: String?

    @Flag(name: .customLong("no-import"), help: "The keys are there, from an earlier run.")
    var importsNothing = false

    @OptionGroup var phase: PhaseOptions
    @OptionGroup var options: BenchOptions

    func validate() throws {
        if let count = Int(gateway.customers), count > Self.most {
            throw ValidationError("--customers \(count) is out of range; give 1 to \(Self.most), or a file.")
        }
        if let adminToken, adminToken.isEmpty || !adminToken.isVisibleASCII {
            throw ValidationError("--admin-token is empty or holds what no Authorization header can carry.")
        }
    }

    func run() async throws {
        try await ExitReport.reporting {
            let settings = try ClientSettings(readsDatabase: true)
            let target = try gateway.target(settings, options.privateUrl)
            let token = try gateway.token(settings, for: target)
            let admin =
                try adminToken.map(Secret.init)
                ?? settings.token(.adminToken, for: target.base, option: "--admin-token")
            let (duration, warmUp) = try phase.times()
            let keys = try BenchKeys(of: gateway.whom(), adminToken: admin)
            let meter = try await options.meter(settings, privateBase: target.base)
            if !importsNothing { try await importKeys(keys, token: admin, into: target) }

            let requests = AuthorizeRequests(keys, token: token, from: target)
            let measurement = Measurement(
                target: target, connections: options.connections, meter: meter, warmUp: warmUp, duration: duration)
            let before = try await measurement.warmUp(with: requests)
            let report = try await measurement.measure(requests, after: before)
            options.show(report.json, as: report.lines)
            if report.tally.successes == 0 { throw ExitCode.failure }
        }
    }

    private func importKeys(_ keys: BenchKeys, token: Secret, into target: BenchTarget) async throws {
        let loop = ClosedLoop(target: target, connections: min(options.connections, Self.importers))
        let line: @Sendable () -> String = { "importing keys: \(loop.progress.answers) of \(keys.count)" }
        let tally = try await BenchProgress.showing(line) {
            try await loop.run(KeyImports(keys, token: token, into: target), for: Self.importTime)
        }
        guard tally.successes < keys.count else { return }
        let refusal = tally.kinds.first { !(200..<300).contains($0.status) }
        let cause = refusal.map { "\($0.status) \(String(decoding: $0.outcome, as: UTF8.self))" } ?? tally.firstFailure
        ExitReport.say(
            "tollgate: \(keys.count - tally.successes) of \(keys.count) keys were not imported: \(cause ?? "no answer")"
        )
        throw ExitCode.failure
    }
}
