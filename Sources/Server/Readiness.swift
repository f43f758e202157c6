// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether this process still accepts requests: not once it has been asked to stop.
package final class Readiness: Sendable {
    private let stopping = Mutex(false)

    init() {}

    var isStopping: Bool { stopping.withLock { $0 } }

    package func stop() {
        stopping.withLock { $0 = true }
    }
}
