// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What all connections together may take: many large heads at once are turned away instead of filling the memory.
final class MemoryBudget: Sendable {
    private let left: Mutex<Int>

    /// - Parameter bytes: shared by all requests.
    init(bytes: Int) {
        left = Mutex(bytes)
    }

    /// What one request has taken; it is given back when the lease is dropped.
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

        /// - Returns: false where nothing is left.
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
