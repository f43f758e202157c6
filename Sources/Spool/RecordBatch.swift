// SPDX-License-Identifier: Apache-2.0

import Notation

/// Records that become durable with one write and one fsync.
struct RecordBatch: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var records = 0
    private(set) var firstReceivedAt: Timestamp?

    /// - Parameter record: encoded.
    mutating func add(_ record: [UInt8], receivedAt: Timestamp) {
        bytes += record
        records += 1
        firstReceivedAt = firstReceivedAt ?? receivedAt
    }
}
