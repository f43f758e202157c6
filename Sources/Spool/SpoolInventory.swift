import Stripe

/// What lies in a spool's directory.
public struct SpoolInventory: Sendable, Hashable {
    /// Oldest first.
    public let segments: [SegmentSummary]
    /// How many files of damaged bytes were set aside.
    public let damaged: Int
    /// How many records were not taken.
    public let refused: Int
    /// What lies there as a segment and cannot be one of Tollgate's, or cannot be read now.
    public let foreign: [ForeignFile]

    /// - Throws: `cannotRead`.
    init(_ folder: SpoolFolder) throws(SpoolError) {
        var segments: [SegmentSummary] = []
        var foreign: [ForeignFile] = []
        for number in try folder.segmentNumbers() {
            // Nil: drained and removed between the two looks.
            let read: [UInt8]?
            do throws(SpoolError) {
                read = try folder.readSegment(number)
            } catch .foreign(let path, let reason) {
                foreign.append(ForeignFile(path: path, reason: reason, movedTo: nil))
                continue
            } catch .cannotRead(let path, let reason) {
                foreign.append(ForeignFile(path: path, reason: reason, movedTo: nil))
                continue
            }
            guard let bytes = read else { continue }
            let scan = try SegmentScan(bytes)
            segments.append(
                SegmentSummary(
                    name: SpoolFolder.name(ofSegment: number), records: scan.records.count, bytes: bytes.count,
                    damagedBytes: scan.damagedBytes, firstReceivedAt: scan.records.first?.receivedAt,
                    lastReceivedAt: scan.records.last?.receivedAt))
        }
        self.segments = segments
        self.foreign = foreign
        damaged = try folder.names(in: .damaged).count { $0.hasSuffix(".bin") }
        refused = try folder.refusedNames().count
    }
}

/// One segment file, as it is now.
public struct SegmentSummary: Sendable, Hashable {
    public let name: String
    /// Valid ones.
    public let records: Int
    /// The size of the file.
    public let bytes: Int
    /// What belongs to no valid record; while a server runs, also what it is just writing.
    public let damagedBytes: Int
    public let firstReceivedAt: Timestamp?
    public let lastReceivedAt: Timestamp?
}
