// SPDX-License-Identifier: Apache-2.0

import Notation

/// One segment file, as it is now.
package struct SegmentSummary: Sendable, Hashable {
    package let name: String
    /// Valid records only.
    package let records: Int
    /// The size of the file.
    package let bytes: Int
    /// Bytes that belong to no valid record; while a server runs, this includes what it is just writing.
    package let damagedBytes: Int
    package let firstReceivedAt: Timestamp?
    package let lastReceivedAt: Timestamp?
}
