// SPDX-License-Identifier: Apache-2.0

import Notation

/// What is kept in memory about a segment that waits to be drained.
struct SealedSegment: Sendable, Hashable {
    let number: Int
    var records: Int
    /// The size of the file.
    var bytes: Int
    var firstReceivedAt: Timestamp?
}
