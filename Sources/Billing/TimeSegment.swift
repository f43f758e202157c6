// SPDX-License-Identifier: Apache-2.0

import Notation

/// What holds from a moment on, until the next of its kind begins.
@usableFromInline
package protocol TimeSegment {
    var from: Timestamp { get }
}

extension Array where Element: TimeSegment {
    /// How many of them have begun at `now`: the last of these is what holds, and before the first has begun it is what
    /// was there before. Expects them in order. Inlined, for the gateways' cache asks at every read that needs it.
    @inlinable
    package func begun(by now: Timestamp) -> Int {
        var count = 0
        while count < self.count, self[count].from <= now { count += 1 }
        return count
    }
}
