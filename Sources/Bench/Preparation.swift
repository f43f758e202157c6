// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Console

/// Requests that a bench needs done before its time begins, such as one for each customer.
struct Preparation {
    /// Each is a commit: more of them at once than the server has sessions gain nothing.
    private static let mostConnections = 8
    /// A closed loop has an end; a preparation is over long before.
    private static let longest: Duration = .seconds(24 * 3_600)

    let target: BenchTarget
    let connections: Int

    /// - Parameters:
    ///   - doing: such as `importing keys`.
    ///   - undone: such as `keys were not imported`.
    /// - Throws: `ExitCode` after saying why, if not all were answered with 2xx.
    func run(_ source: some RequestSource, count: Int, _ doing: String, undone: String) async throws {
        ExitReport.say("tollgate: \(doing) first: \(count)")
        let loop = ClosedLoop(target: target, connections: min(connections, Self.mostConnections))
        let line: @Sendable () -> String = { "\(doing): \(loop.progress.answers) of \(count)" }
        let tally = try await BenchProgress.showing(line) { try await loop.run(source, for: Self.longest) }
        guard tally.successes < count else { return }
        let refusal = tally.kinds.first { !(200..<300).contains($0.status) }
        let cause = refusal.map { "\($0.status) \(String(decoding: $0.outcome, as: UTF8.self))" } ?? tally.firstFailure
        ExitReport.say("tollgate: \(count - tally.successes) of \(count) \(undone): \(cause ?? "no answer")")
        throw ExitCode.failure
    }
}
