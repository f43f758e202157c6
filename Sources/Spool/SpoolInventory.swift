import Stripe

/// What lies in a spool's directory.
public struct SpoolInventory: Sendable, Hashable {
    /// Oldest first.
    public let segments: [SegmentSummary]
    /// How many files of damaged bytes were set aside.
    public let damaged: Int
    /// How many records the database refused.
    public let refused: Int

    /// - Throws: `cannotRead`.
    init(_ folder: SpoolFolder) throws(SpoolError) {
        var segments: [SegmentSummary] = []
        for number in try folder.segmentNumbers() {
            // Nil: drained and removed between the two looks.
            guard let bytes = try folder.readSegment(number) else { continue }
            let scan = try SegmentScan(bytes)
            segments.append(
                SegmentSummary(
                    name: SpoolFolder.name(ofSegment: number), records: scan.records.count, bytes: bytes.count,
                    damagedBytes: scan.damagedBytes, firstReceivedAt: scan.records.first?.receivedAt,
                    lastReceivedAt: scan.records.last?.receivedAt))
        }
        self.segments = segments
        damaged = try folder.names(in: .damaged).count { $0.hasSuffix(".bin") }
        refused = try folder.names(in: .refused).count { $0.hasSuffix(".json") }
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
