// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import ServiceLifecycle
import Store
import Timing

/// Updates the stored flags that change with time alone, and writes their lines of the timeline. Readers are right
/// without it; the timeline, the stored flag and the feed of changes are not. It also corrects what purchases gave of which
/// credits lapsed after others were taken back, and tells the feed of credits that changed too soon after they were told
/// of. First it decides again for everyone whose answer was decided under another configuration.
package struct Sweeper: Service {
    private static let batchLimit = 200

    private let sweeps: SweepStore
    private let outages: Outages
    private let policy: Policy
    private let interval: Duration
    private let logger: Logger

    package init(
        _ sweeps: SweepStore,
        outages: Outages,
        policy: Policy,
        every interval: Duration = .seconds(1),
        logger: Logger
    ) {
        self.sweeps = sweeps
        self.outages = outages
        self.policy = policy
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            var isReconsidered = false
            while !Task.isCancelled {
                do {
                    if !isReconsidered { isReconsidered = try await reconsider() }
                    let moved = try await sweeps.moveElapsed(atMost: Self.batchLimit, policy: policy)
                    if moved > 0 { logger.info("flags moved by time", metadata: ["count": "\(moved)"]) }
                    let rechecked = try await sweeps.recheckPurchases(atMost: Self.batchLimit, policy: policy)
                    let told = try await sweeps.tellDue(atMost: Self.batchLimit)
                    outages.worked(.sweeper)
                    backoff.reset()
                    if max(moved, rechecked, told) < Self.batchLimit { try await Task.sleep(for: interval) }
                } catch is CancellationError {
                    break
                } catch {
                    outages.failed(.sweeper, error)
                    await backoff.next()
                }
            }
        }
    }

    /// - Returns: false if some are left that somebody else has locked: they delay nobody else's flag.
    private func reconsider() async throws -> Bool {
        var count = 0
        var isDone = false
        while !isDone {
            let decided: Int
            (decided, isDone) = try await sweeps.reconsider(atMost: Self.batchLimit, policy: policy)
            count += decided
            if decided == 0 { break }
        }
        if count > 0 {
            logger.info("decided again, because the configuration has changed", metadata: ["customers": "\(count)"])
        }
        return isDone
    }
}
