// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Hashing
import Notation
import Synchronization

/// Events on disk while PostgreSQL cannot take them: appended, read back oldest first, removed once they are
/// committed elsewhere. What is read may have been read before (a crash comes between commit and removal): who
/// drains it tells repeated events by their id.
///
/// File work blocks, so it is done on a serial queue of its own, off Swift's cooperative threads. What arrives while
/// one batch is being written is the next batch: no timer, one fsync for many events.
package final class Spool: Sendable {
    /// What `open` found.
    package let recovery: Recovery
    private let segmentSize: Int
    private let intake: Mutex<Intake>
    /// Locked on `queue` alone, so never waited for.
    private let segments: Mutex<Segments>
    private let queue = DispatchQueue(label: "tollgate.spool")

    /// Locks the directory for as long as the spool is open, and checks whose it is and all that is in it: damaged bytes
    /// are moved to `damaged/`, what cannot be Tollgate's to `refused/`, every valid record stays. Blocks for as long as it takes to read the whole spool once.
    /// - Parameters:
    ///   - directory: made where it is missing, with mode 0700.
    ///   - limit: the most that all segments may take on disk, in bytes.
    ///   - segmentSize: at what size the next segment file is begun, in bytes.
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

    /// Cheap: nothing is read from disk, nothing waited for.
    package var state: SpoolState { intake.withLock { $0.state } }

    /// Returns once the record is durable. It is not cancelled with its task, and waits for as long as the disk does:
    /// who must answer in time sets the time himself.
    /// - Parameter record: its payload has at most `SpooledRecord.payloadLimit` bytes.
    /// - Throws: `full`, `cannotWrite`, `displaced`, `tooLarge`, `closed` and what `open` throws: the record is not kept.
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

    /// The oldest segment that can be read; nil when nothing is left to be drained. Later appends go to another one. Until
    /// it is removed, it is the oldest. Looks for what was put into the folder, too.
    /// - Throws: what keeps all that is left from being drained now, as `Segments.oldest`; `foreign` and `cannotRead` once
    ///   for a file that is none of Tollgate's, or gone; `closed`.
    package func oldest() async throws(SpoolError) -> SpoolSegment? {
        try await perform { segments throws(SpoolError) in try segments.oldest() }
    }

    /// Forgets a segment whose records are all committed elsewhere. Returns once that is durable.
    /// - Throws: `unknownSegment`, `displaced`, `cannotRead`, `cannotWrite`, `closed`; it may then be called again.
    package func remove(_ segment: SpoolSegment) async throws(SpoolError) {
        try await perform { segments throws(SpoolError) in try segments.remove(segment.sealed) }
    }

    /// Keeps one record that is not taken as `refused/<SHA-256 of the payload>.json`, beside it a `.reason`.
    /// Durable when it returns, so that the record's segment can then be removed.
    /// - Parameter reason: for a person to read; no payload.
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

    /// How many files of damaged bytes, and how many records that were not taken, wait for somebody to look at them.
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
    /// - Returns: nil when it is gone, or is not what its name says; no time where that is not known.
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

    /// Whether an event could be kept now: looks for its folder and a file's number as an append does, then writes, syncs
    /// and removes a small file. False also while the spool is full or closed.
    package func check() async -> Bool {
        guard !state.isFull else { return false }
        do throws(SpoolError) {
            try await perform { segments throws(SpoolError) in try segments.probe() }
            return true
        } catch {
            return false  // that is the answer; an append says why
        }
    }

    /// Writes what is queued, then lets another process open the directory. Repeating it does nothing.
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

    /// What lies in a spool's directory, read without its lock: a server may be using it. Blocks.
    /// - Throws: `cannotRead`.
    package static func list(directory: String) throws(SpoolError) -> SpoolInventory {
        try SpoolInventory(SpoolFolder(path: directory))
    }

    // MARK: On the spool's queue

    private func writeAndGoOn() {
        // Queued again for each batch, so that draining has its turn in between.
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
