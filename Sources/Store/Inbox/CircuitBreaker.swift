// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether the database is worth waiting for. Opened by a request that waited in vain, closed by a probe: a dead
/// database makes a few requests wait, not every one.
package final class CircuitBreaker: Sendable {
    private let state = Mutex(false)

    package var isOpen: Bool { state.withLock { $0 } }

    func open() {
        state.withLock { $0 = true }
    }

    func close() {
        state.withLock { $0 = false }
    }
}
