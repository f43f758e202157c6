// SPDX-License-Identifier: Apache-2.0

import Notation

/// How full the spool is, as of the last completed write or removal.
package struct SpoolState: Sendable, Hashable {
    /// Acknowledged and not yet removed.
    package internal(set) var records = 0
    /// The size of all segments in the folder; what lies in `damaged/` and `refused/` is not counted.
    package internal(set) var bytes = 0
    /// Whether the limit is reached, or the last append was refused for lack of room and nothing was removed since.
    package internal(set) var isFull = false
    /// How many of the records cannot be drained now: their files cannot be read, or are not where they were.
    package internal(set) var stuck = 0
    /// Nil when the spool is empty.
    package internal(set) var oldestReceivedAt: Timestamp?
}
