// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whose events the workers of this process leave alone for a moment: somebody else holds the customer's rows, or the
/// database cannot take that customer's changes. Identified by the hash that divides customers into partitions, so it
/// is bounded; nothing is written, so it works even if nothing can be. Afterwards the events are due as before.
package final class SetAside: Sendable {
    private let until = Mutex<[Int: ContinuousClock.Instant]>([:])

    package func put(_ hashes: some Sequence<Int>, for duration: Duration, at now: ContinuousClock.Instant = .now) {
        until.withLock { until in
            for hash in hashes { until[hash] = max(until[hash] ?? now, now + duration) }
        }
    }

    package func contains(_ hash: Int, at now: ContinuousClock.Instant = .now) -> Bool {
        until.withLock { ($0[hash] ?? now) > now }
    }

    /// The customers left alone right now.
    func hashes(at now: ContinuousClock.Instant = .now) -> [Int] {
        until.withLock { until in
            if until.isEmpty { return [] }
            until = until.filter { $0.value > now }
            return Array(until.keys)
        }
    }
}
