// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Store

/// Removes what is older than the retention, once a day: in small batches with a pause after each, so that nobody
/// notices, and on one instance at a time.
package struct Pruner: Service {
    /// When a run begins, and how it proceeds.
    package struct Schedule: Sendable {
        /// Shortly after the start, when the rush of a restart is over.
        package var first: Duration = .seconds(60)
        package var interval: Duration = .seconds(86_400)
        /// After a failure, or if another instance was pruning.
        package var retry: Duration = .seconds(600)
        package var batchLimit = 500
        package var pause: Duration = .milliseconds(200)

        package init() {}
    }

    private let store: RetentionStore
    private let outages: Outages
    private let retention: Duration
    private let schedule: Schedule
    private let logger: Logger

    package init(
        _ store: RetentionStore,
        outages: Outages,
        retention: Duration,
        schedule: Schedule = Schedule(),
        logger: Logger
    ) {
        self.store = store
        self.outages = outages
        self.retention = retention
        self.schedule = schedule
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var wait = schedule.first
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: wait)
                    wait = try await prune() ? schedule.interval : schedule.retry
                } catch is CancellationError {
                    break
                } catch {
                    outages.failed(.retention, error)
                    wait = schedule.retry
                }
            }
        }
    }

    /// - Returns: false if another instance is pruning.
    private func prune() async throws -> Bool {
        var pruning = Pruning()
        while !pruning.isFinished {
            guard
                let next = try await store.prune(pruning, atMost: schedule.batchLimit, retention: retention)
            else { return false }
            pruning = next
            if !pruning.isFinished { try await Task.sleep(for: schedule.pause) }
        }
        if pruning.events + pruning.payloads > 0 {
            logger.info(
                "retention removed old data",
                metadata: ["events": "\(pruning.events)", "payloads": "\(pruning.payloads)"]
            )
        }
        return true
    }
}
