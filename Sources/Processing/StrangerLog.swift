// SPDX-License-Identifier: Apache-2.0

import Billing
import EventReading
import Logging
import Notation
import Store
import Synchronization
import Telemetry
import Timing

/// Reports, once a minute, that events arrive which cannot count in Tollgate's configuration: they are stored and
/// ignored, so nobody would notice otherwise. One for all workers of a process.
package final class StrangerLog: Sendable {
    private static let interval: Duration = .seconds(60)

    private struct Count {
        var count = 0
        var limit = RateLimit(one: StrangerLog.interval)
    }

    private let livemode: Bool
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let counts = Mutex<[Interpretation.Ignored: Count]>([:])

    /// - Parameter now: this machine's clock.
    package init(policy: Policy, now: @escaping @Sendable () -> Timestamp, logger: Logger) {
        livemode = policy.livemode
        self.now = now
        self.logger = logger
    }

    func ended(_ results: [EventResult]) {
        for reason in [Interpretation.Ignored.wrongMode, .foreignAccount] {
            let count = results.count { $0.transition == .ignored(reason: reason.rawValue) }
            if count > 0 { note(count, reason) }
        }
    }

    private func note(_ count: Int, _ reason: Interpretation.Ignored) {
        let now = now()
        let total: Int? = counts.withLock { counts in
            counts[reason, default: Count()].count += count
            return counts[reason, default: Count()].limit.admit(at: now).map { _ in counts[reason]?.count ?? count }
        }
        guard let total else { return }
        switch reason {
        case .wrongMode:
            let (mode, other) = livemode ? ("live", "test") : ("test", "live")
            logger.warning(
                "STRIPE_MODE=\(mode), but \(other) events arrive: they are stored and ignored",
                metadata: ["so_far": "\(total)"])
        default:
            logger.warning(
                "events arrive of accounts that STRIPE_ACCOUNTS does not list: they are stored and ignored",
                metadata: ["so_far": "\(total)"])
        }
    }
}
