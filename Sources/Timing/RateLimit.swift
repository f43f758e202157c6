// SPDX-License-Identifier: Apache-2.0

import Notation

/// Lets one entry through per interval and counts those it holds back, so that a log says what is going on without
/// being flooded. It has no clock of its own.
package struct RateLimit: Sendable {
    private let interval: Duration
    private var last: Timestamp?
    private var heldBack = 0

    package init(one interval: Duration) {
        self.interval = interval
    }

    /// - Returns: how many were held back since the last one that was let through; nil if this one is held back too.
    package mutating func admit(at now: Timestamp) -> Int? {
        // A clock that was set back must not silence the log until it has caught up.
        if let last, last <= now, now < last + interval {
            heldBack += 1
            return nil
        }
        defer { (last, heldBack) = (now, 0) }
        return heldBack
    }
}
