// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The memory that all connections may take together: many large heads at once are refused rather than filling it up.
final class MemoryBudget: Sendable {
    private let left: Mutex<Int>

    /// - Parameter bytes: shared by all requests.
    init(bytes: Int) {
        left = Mutex(bytes)
    }

    /// What one request has taken; given back when the lease is dropped.
    final class Lease: Sendable {
        private let budget: MemoryBudget
        private let taken = Mutex(0)

        init(_ budget: MemoryBudget) {
            self.budget = budget
        }

        deinit {
            let bytes = taken.withLock { $0 }
            budget.left.withLock { $0 += bytes }
        }

        /// What was taken so far, in bytes.
        var size: Int { taken.withLock { $0 } }

        /// - Returns: false if not enough is left.
        func take(_ bytes: Int) -> Bool {
            let isGranted = budget.left.withLock { left in
                guard left >= bytes else { return false }
                left -= bytes
                return true
            }
            if isGranted { taken.withLock { $0 += bytes } }
            return isGranted
        }
    }
}
