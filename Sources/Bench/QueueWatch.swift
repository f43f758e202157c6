// SPDX-License-Identifier: Apache-2.0

import Console
import Telemetry

/// Watches how many events are pending, through the server's `/metrics`, until none is.
struct QueueWatch {
    enum Fault: Error, CustomStringConvertible {
        case noDepth(String)
        case stuck(depth: Int, Duration)

        var description: String {
            switch self {
            case .noDepth(let base):
                "\(base)/metrics has no \(Metric.queueDepth.name); is this the private listener, and is its database there?"
            case .stuck(let depth, let limit):
                "\(depth) events are pending, and no fewer for \(limit.components.seconds) s; does a worker run?"
            }
        }
    }

    /// How a backlog was worked off.
    struct Fall: Sendable {
        /// The highest number that was pending, last seen at `start`.
        let depth: Int
        let start: ContinuousClock.Instant
        let end: ContinuousClock.Instant
    }

    private static let interval: Duration = .milliseconds(100)
    /// How long the depth may stay unchanged.
    private static let timeout: Duration = .seconds(60)

    /// The server's private listener.
    let base: String

    func depth() async throws -> Int {
        // A busy database may not answer in time every time.
        for _ in 0..<3 {
            let value = try await Scrape.read(base).value(Metric.queueDepth.name)
            if let depth = value.flatMap(Scrape.count) { return depth }
        }
        throw Fault.noDepth(base)
    }

    /// Waits until nothing is pending.
    func untilEmpty() async throws -> Fall {
        var progress = ProgressLine()
        defer { progress.clear() }
        var (highest, start, changed) = (0, ContinuousClock.now, ContinuousClock.now)
        var lowest = Int.max
        while true {
            let depth = try await depth()
            let now = ContinuousClock.now
            if depth >= highest { (highest, start) = (depth, now) }
            if depth < lowest { (lowest, changed) = (depth, now) }
            if depth == 0 { return Fall(depth: highest, start: start, end: now) }
            guard changed.duration(to: now) < Self.timeout else { throw Fault.stuck(depth: depth, Self.timeout) }
            if progress.isRedrawn {
                progress.show("\(ProgressBar.text(1 - Double(depth) / Double(highest)))  processing  \(depth) pending")
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}
