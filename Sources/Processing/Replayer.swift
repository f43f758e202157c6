// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Store
import Timing

/// Queues the events of replays that operators have started, a few hundred at a time, so that newly arriving events
/// wait behind no more than those. Its progress is in the database: any instance continues where another stopped.
package struct Replayer: Service {
    /// How many events of one replay are pending at once.
    package static let pendingLimit = 500

    private let replays: ReplaySteps
    private let outages: Outages
    private let pendingLimit: Int
    private let interval: Duration
    private let logger: Logger

    /// - Parameter interval: between two steps; five times as long while there is nothing to do.
    package init(
        _ replays: ReplaySteps,
        outages: Outages,
        pendingAtMost pendingLimit: Int = Self.pendingLimit,
        every interval: Duration = .milliseconds(100),
        logger: Logger
    ) {
        self.replays = replays
        self.outages = outages
        self.pendingLimit = pendingLimit
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                do {
                    let unfinished = try await replays.unfinished()
                    outages.worked(.replays)
                    var areAllWell = true
                    for replay in unfinished where try await !advance(replay) { areAllWell = false }
                    if areAllWell {
                        backoff.reset()
                        try await Task.sleep(for: unfinished.isEmpty ? interval * 5 : interval)
                    } else {
                        await backoff.next()
                    }
                } catch is CancellationError {
                    break
                } catch {
                    outages.failed(.replays, error)
                    await backoff.next()
                }
            }
        }
    }

    /// - Returns: false for a replay that cannot go on, which does not stop the others.
    /// - Throws: an error that concerns all of them.
    private func advance(_ replay: String) async throws -> Bool {
        do {
            let step = try await replays.advance(replay, pendingAtMost: pendingLimit)
            if step?.isFinished == true { logger.info("replay finished", metadata: ["replay": "\(replay)"]) }
            return true
        } catch  where !DatabaseOutage.explains(error) && !(error is CancellationError) {
            logger.error("replay cannot go on", metadata: ["replay": "\(replay)", "error": "\(error)"])
            return false
        }
    }
}
