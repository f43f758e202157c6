// SPDX-License-Identifier: Apache-2.0

import Notation

/// The contents of a spool's directory.
package struct SpoolInventory: Sendable, Hashable {
    /// Oldest first.
    package let segments: [SegmentSummary]
    /// How many files of damaged bytes were set aside.
    package let damaged: Int
    /// How many records were refused.
    package let refused: Int
    /// Files with a segment's name that cannot be Tollgate's, or cannot be read now.
    package let foreign: [ForeignFile]

    /// - Throws: `cannotRead`.
    init(_ folder: SpoolFolder) throws(SpoolError) {
        var segments: [SegmentSummary] = []
        var foreign: [ForeignFile] = []
        for number in try folder.segmentNumbers() {
            // Nil: it was drained and removed after its name was listed.
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
