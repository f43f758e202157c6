// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Hashing
import Notation
import Synchronization

/// Keeps events on disk while PostgreSQL cannot take them: they are appended, read back oldest first, and removed once
/// they are committed elsewhere. A record may be read twice (after a crash between commit and removal): whoever drains
/// the spool recognises repeated events by their id.
///
/// File I/O blocks, so it runs on a serial queue of its own, off Swift's cooperative threads. Whatever arrives while
/// one batch is being written forms the next (group commit): no timer, one fsync for many events.
package final class Spool: Sendable {
    /// What `open` found.
    package let recovery: Recovery
    private let segmentSize: Int
    private let intake: Mutex<Intake>
    /// Locked only on `queue`, so never contended.
    private let segments: Mutex<Segments>
    private let queue = DispatchQueue(label: "tollgate.spool")

    /// Locks the directory while the spool is open. Checks its owner and contents: damaged bytes go to `damaged/`,
    /// files that cannot be Tollgate's to `refused/`, valid records stay. Blocks while it reads the whole spool once.
    /// - Parameters:
    ///   - directory: created with mode 0700 if it is missing.
    ///   - limit: the most that all segments together may take up on disk, in bytes.
    ///   - segmentSize: the size at which the next segment file is begun, in bytes.
    /// - Throws: `inUse`, `unsafe`, `cannotOpen`, `cannotRead`, `cannotWrite`.
    package static func open(
        directory: String, limit: Int, segmentSize: Int = 4 << 20
    ) throws(SpoolError) -> Spool {
        try Spool(SpoolFolder(path: directory), limit: limit, segmentSize: segmentSize)
    }

    private init(_ folder: SpoolFolder, limit: Int, segmentSize: Int) throws(SpoolError) {
        var segments = try Segments(folder, segmentSize: segmentSize)
        recovery = try segments.recover()
        self.segmentSize = segmentSize
        intake = Mutex(Intake(limit: limit, stored: segments.state))
        self.segments = Mutex(segments)
    }

    /// Cheap: reads nothing from disk and does not wait.
    package var state: SpoolState { intake.withLock { $0.state } }

    /// Returns once the record is durable. It is not cancelled with its task, and waits as long as the disk takes: a
    /// caller that must answer in time sets its own deadline.
    /// - Parameter record: its payload has at most `SpooledRecord.payloadLimit` bytes.
    /// - Throws: `full`, `cannotWrite`, `displaced`, `tooLarge`, `closed` and what `open` throws; then nothing is kept.
    package func append(_ record: SpooledRecord) async throws(SpoolError) {
        let encoded = try record.encoded()
        let result = await withCheckedContinuation { answer in
            let waiting = Intake.Waiting(record: encoded, receivedAt: record.receivedAt, answer: answer)
            switch intake.withLock({ $0.admit(waiting) }) {
            case .first: queue.async { self.writeAndGoOn() }
            case .queued: break
            case .refused(let error): answer.resume(returning: .failure(error))
            }
        }
        try result.get()
    }

    /// The oldest segment that can be read; nil when nothing is left to drain. Later appends go to another segment;
    /// this one stays the oldest until it is removed. Also looks for files that were put into the folder.
    /// - Throws: what prevents all that is left from being drained now, as `Segments.oldest`; once each, `foreign` for
    ///   a file that is not Tollgate's and `cannotRead` for one that is gone; `closed`.
    package func oldest() async throws(SpoolError) -> SpoolSegment? {
        try await perform { segments throws(SpoolError) in try segments.oldest() }
    }

    /// Forgets a segment whose records are all committed elsewhere. Returns once that is durable.
    /// - Throws: `unknownSegment`, `displaced`, `cannotRead`, `cannotWrite`, `closed`; it may then be called again.
    package func remove(_ segment: SpoolSegment) async throws(SpoolError) {
        try await perform { segments throws(SpoolError) in try segments.remove(segment.sealed) }
    }

    /// Keeps one refused record as `refused/<SHA-256 of the payload>.json`, with a `.reason` file beside it. Durable
    /// when it returns, so the record's segment can then be removed.
    /// - Parameter reason: for a person to read; must contain nothing of the payload.
    /// - Throws: `cannotWrite`, `closed`.
    package func setAside(_ record: SpooledRecord, reason: String) async throws(SpoolError) {
        guard let sha256 = Digest.sha256(record.payload) else {
            throw .cannotWrite(path: "a refused record", reason: "OpenSSL cannot compute its SHA-256")
        }
        let text = "received \(record.receivedAt)\n\(reason)\n"
        try await perform { segments throws(SpoolError) in
            try segments.folder.refuse(record.payload, sha256: sha256, reason: text)
        }
    }

    /// How many files of damaged bytes and how many refused records wait for somebody to look at them.
    /// - Throws: `cannotRead`, `closed`.
    package func setAsideCounts() async throws(SpoolError) -> (damaged: Int, refused: Int) {
        try await perform { segments throws(SpoolError) in
            let damaged = try segments.folder.names(in: .damaged).count { $0.hasSuffix(".bin") }
            return (damaged, try segments.folder.refusedNames().count)
        }
    }

    /// The SHA-256 of each payload in `refused/`.
    /// - Throws: `cannotRead`, `closed`.
    package func refused() async throws(SpoolError) -> [String] {
        try await perform { segments throws(SpoolError) in try segments.folder.refusedNames().sorted() }
    }

    /// A record that was set aside.
    /// - Returns: nil if it is gone or is not what its name says; `receivedAt` is nil if unknown.
    /// - Throws: `foreign`, `cannotRead`, `closed`.
    package func refusedRecord(
        _ sha256: String
    ) async throws(SpoolError) -> (payload: [UInt8], receivedAt: Timestamp?)? {
        let kept = try await perform { segments throws(SpoolError) in try segments.folder.readRefused(sha256) }
        guard let kept, Digest.sha256(kept.payload) == sha256 else { return nil }
        let receivedAt = kept.reason.split(separator: "\n").first.flatMap { line in
            line.hasPrefix("received ") ? Timestamp(rfc3339: String(line.dropFirst("received ".count))) : nil
        }
        return (kept.payload, receivedAt)
    }

    /// Forgets a record that was set aside, once it is committed elsewhere.
    /// - Throws: `cannotWrite`, `closed`.
    package func removeRefused(_ sha256: String) async throws(SpoolError) {
        try await perform { segments throws(SpoolError) in try segments.folder.removeRefused(sha256) }
    }

    /// Whether an event could be kept now: finds the folder and a free segment number as an append does, then writes,
    /// syncs and removes a small file. Also false while the spool is full or closed.
    package func check() async -> Bool {
        guard !state.isFull else { return false }
        do throws(SpoolError) {
            try await perform { segments throws(SpoolError) in try segments.probe() }
            return true
        } catch {
            return false  // false is the answer; an append says why
        }
    }

    /// Writes what is queued, then lets another process open the directory. Idempotent.
    package func close() async {
        intake.withLock { $0.close() }
        await withCheckedContinuation { done in
            queue.async {
                while self.writeBatch() {}
                self.segments.withLock { $0.close() }
                done.resume()
            }
        }
    }

    /// What is in a spool's directory, read without taking its lock: a server may be using it. Blocks.
    /// - Throws: `cannotRead`.
    package static func list(directory: String) throws(SpoolError) -> SpoolInventory {
        try SpoolInventory(SpoolFolder(path: directory))
    }

    // MARK: On the spool's queue

    private func writeAndGoOn() {
        // Queued again for each batch, so that draining gets its turn in between.
        if writeBatch() { queue.async { self.writeAndGoOn() } }
    }

    /// - Returns: whether there is more to write.
    private func writeBatch() -> Bool {
        let waiting = intake.withLock { $0.nextBatch(size: segmentSize) }
        guard !waiting.isEmpty else { return false }
        var batch = RecordBatch()
        for one in waiting { batch.add(one.record, receivedAt: one.receivedAt) }
        let (result, stored) = segments.withLock { [batch] segments in
            let result = Result { () throws(SpoolError) in try segments.append(batch) }
            return (result, segments.state)
        }
        let hasMore = intake.withLock { $0.finish(waiting, stored: stored) }
        for one in waiting { one.answer.resume(returning: result) }
        return hasMore
    }

    private func perform<Value: Sendable>(
        _ work: @escaping @Sendable (inout Segments) throws(SpoolError) -> Value
    ) async throws(SpoolError) -> Value {
        let result: Result<Value, SpoolError> = await withCheckedContinuation { answer in
            queue.async {
                let (result, stored) = self.segments.withLock { segments in
                    let result = Result { () throws(SpoolError) in
                        guard segments.isOpen else { throw SpoolError.closed }
                        return try work(&segments)
                    }
                    return (result, segments.state)
                }
                self.intake.withLock { $0.update(stored) }
                answer.resume(returning: result)
            }
        }
        return try result.get()
    }
}
