// SPDX-License-Identifier: Apache-2.0

import Logging
import Metrics
import ServiceLifecycle
import Store
import Timing

/// Releases the events of processes that died while handling them: at once on startup, as this may be the restart of
/// the one that died, and then periodically. A process that only lost its connection is given time to reconnect.
package struct Rescuer: Service {
    private static let interval: Duration = .seconds(10)

    private let queue: EventQueue
    private let outages: Outages
    private let reporter: ResultReporter

    package init(_ queue: EventQueue, outages: Outages, metrics: any MetricsFactory, logger: Logger) {
        self.init(
            queue, outages: outages, ResultReporter(counters: OutcomeCounters(metrics), strangers: nil, logger: logger))
    }

    init(_ queue: EventQueue, outages: Outages, _ reporter: ResultReporter) {
        self.queue = queue
        self.outages = outages
        self.reporter = reporter
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                do {
                    let dead = try await queue.deadProcesses()
                    try await Task.sleep(for: Self.interval)
                    backoff.reset()
                    // Only those that were missing both times.
                    for process in dead.intersection(try await queue.deadProcesses()) {
                        try await rescueEvents(of: process)
                    }
                } catch is CancellationError {
                    break
                } catch {
                    outages.failed(.registry, error)
                    await backoff.next()
                }
            }
        }
    }

    /// Those of all processes that are missing right now.
    func rescuePredecessors() async throws {
        for process in try await queue.deadProcesses() { try await rescueEvents(of: process) }
    }

    private func rescueEvents(of process: Int) async throws {
        reporter.report(try await queue.rescueEvents(of: process))
    }
}
