// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whose events the workers of this process leave alone for a moment: somebody else holds the customer's rows, or the
/// database cannot take that customer's changes. Known by the hash that shares customers out to partitions, so that it is bounded;
/// nothing is written, so that it works where nothing can be. After it the events are due as before.
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

    /// Who is left alone right now.
    func hashes(at now: ContinuousClock.Instant = .now) -> [Int] {
        until.withLock { until in
            if until.isEmpty { return [] }
            until = until.filter { $0.value > now }
            return Array(until.keys)
        }
    }
}
