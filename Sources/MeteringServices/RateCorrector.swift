// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Store
import Timing

/// Prices calls again after rates were approved for a time that had passed, and posts the differences. One process at a
/// time does it; another goes on from where it was.
package struct RateCorrector: Service {
    private static let batchLimit = 200

    private let corrections: CorrectionStore
    private let policies: UsageStore.Policies
    private let outages: Outages
    private let interval: Duration
    private let logger: Logger

    package init(
        _ corrections: CorrectionStore, policies: UsageStore.Policies, outages: Outages,
        every interval: Duration = .seconds(5), logger: Logger
    ) {
        self.corrections = corrections
        self.policies = policies
        self.outages = outages
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            var corrected: [String: Int] = [:]
            while !Task.isCancelled {
                do {
                    let step = try await corrections.advance(atMost: Self.batchLimit, policies: policies)
                    outages.worked(.corrections)
                    backoff.reset()
                    guard let step else {
                        try await Task.sleep(for: interval)
                        continue
                    }
                    corrected[step.draft, default: 0] += step.corrected
                    if step.isLast {
                        let count = corrected.removeValue(forKey: step.draft) ?? 0
                        logger.notice(
                            "calls were priced again", metadata: ["draft": "\(step.draft)", "corrected": "\(count)"])
                    }
                } catch is CancellationError {
                    break
                } catch {
                    outages.failed(.corrections, error)
                    await backoff.next()
                }
            }
        }
    }
}
