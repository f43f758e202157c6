// SPDX-License-Identifier: Apache-2.0

import Notation

/// What waits to be written, and how much room is left. Values only: the spool guards it with a mutex.
struct Intake {
    struct Waiting: Sendable {
        /// Encoded.
        let record: [UInt8]
        let receivedAt: Timestamp
        let answer: CheckedContinuation<Result<Void, SpoolError>, Never>
    }

    enum Admission {
        /// The caller must start writing.
        case first
        /// Written with the next batch.
        case queued
        case refused(SpoolError)
    }

    /// In bytes.
    let limit: Int
    private(set) var isClosed = false
    private var stored: SpoolState
    private var isFull = false
    private var queue: [Waiting] = []
    /// Bytes that are queued or being written.
    private var reserved = 0
    private var isWriting = false

    init(limit: Int, stored: SpoolState) {
        self.limit = limit
        self.stored = stored
    }

    var state: SpoolState {
        var state = stored
        state.isFull = isFull || stored.bytes + reserved >= limit
        return state
    }

    mutating func admit(_ waiting: Waiting) -> Admission {
        guard !isClosed else { return .refused(.closed) }
        guard stored.bytes + reserved + waiting.record.count <= limit else {
            isFull = true
            return .refused(.full(limit: limit))
        }
        isFull = false
        queue.append(waiting)
        reserved += waiting.record.count
        if isWriting { return .queued }
        isWriting = true
        return .first
    }

    /// Takes what is queued, up to `size` bytes or one record.
    mutating func nextBatch(size: Int) -> [Waiting] {
        var bytes = 0
        let batch = queue.prefix { waiting in
            defer { bytes += waiting.record.count }
            return bytes == 0 || bytes + waiting.record.count <= size
        }
        queue.removeFirst(batch.count)
        return Array(batch)
    }

    /// - Returns: whether there is more to write.
    mutating func finish(_ batch: [Waiting], stored: SpoolState) -> Bool {
        reserved -= batch.reduce(0) { $0 + $1.record.count }
        update(stored)
        isWriting = !queue.isEmpty
        return isWriting
    }

    mutating func update(_ stored: SpoolState) {
        if stored.bytes < self.stored.bytes { isFull = false }
        self.stored = stored
    }

    mutating func close() {
        isClosed = true
    }
}
