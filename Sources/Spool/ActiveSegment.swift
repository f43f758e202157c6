// SPDX-License-Identifier: Apache-2.0

/// The segment that is appended to.
struct ActiveSegment: ~Copyable {
    /// What is durable in the segment; after a failure that could not be undone, what may be in it.
    private(set) var summary: SealedSegment
    /// False once a failure leaves it unclear what is on disk: the segment must then be sealed.
    private(set) var isSound = true
    private let file: OpenFile
    private let identity: FileIdentity
    private var isNameDurable = false

    init(_ number: Int, _ file: consuming OpenFile, _ identity: FileIdentity) {
        self.identity = identity
        summary = SealedSegment(number: number, records: 0, bytes: 0)
        self.file = file
    }

    /// Whether its name still leads to this file: if not, nobody would find what is written to it.
    /// - Throws: `cannotRead`.
    func isFound(in folder: SpoolFolder) throws(SpoolError) -> Bool {
        try FileIdentity.at(folder.path(ofSegment: summary.number)) == identity
    }

    /// Returns once the whole batch is durable in the file that the next start will read; if it throws, the segment is
    /// truncated to its former length.
    /// - Parameter mark: the mark of the folder from when it was locked.
    /// - Throws: `cannotWrite`, `cannotRead`, `displaced`.
    mutating func append(
        _ batch: RecordBatch, in folder: SpoolFolder, _ mark: FolderMark
    ) throws(SpoolError) {
        do throws(SpoolError) {
            // Never write to a file that another process may already be reading.
            try check(mark, of: folder)
        } catch {
            isSound = false
            throw error
        }
        do throws(SpoolError) {
            try file.write(batch.bytes, at: summary.bytes)
        } catch {
            cutBack(batch)
            throw error
        }
        do throws(SpoolError) {
            try file.sync()
            if !isNameDurable {
                try folder.sync()
                isNameDurable = true
            }
            try check(mark, of: folder)
            guard try isFound(in: folder) else {
                throw .cannotWrite(path: folder.path(ofSegment: summary.number), reason: "the file was deleted")
            }
        } catch {
            cutBack(batch)
            // After a failed fsync the kernel marks the lost pages clean, so the next fsync would succeed without them.
            isSound = false
            throw error
        }
        summary.bytes += batch.bytes.count
        summary.records += batch.records
        summary.firstReceivedAt = summary.firstReceivedAt ?? batch.firstReceivedAt
    }

    private func check(_ mark: FolderMark, of folder: SpoolFolder) throws(SpoolError) {
        guard try mark.standing(at: folder) == .ours else { throw .displaced(path: folder.path) }
    }

    private mutating func cutBack(_ batch: RecordBatch) {
        do {
            try file.truncate(to: summary.bytes)
            try file.sync()
        } catch {
            // The caller throws the first error. Whatever is left of the batch is found when the segment is read; until
            // then it takes up room.
            summary.bytes += batch.bytes.count
            isSound = false
        }
    }
}
