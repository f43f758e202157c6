/// What makes damaged segments whole, at the start and whenever one is read.
extension Segments {
    /// Checks every segment. Those that hold nothing any more are removed.
    /// - Throws: `cannotRead`, `cannotWrite`.
    mutating func recover() throws(SpoolError) -> Recovery {
        var recovery = Recovery()
        for number in try folder.segmentNumbers() {
            do throws(SpoolError) {
                guard let (segment, _, damage) = try repair(number) else { continue }
                recovery.damage += damage
                sealed.append(segment)
            } catch .cannotWrite(let path, let reason) {
                // A full disk: draining the other segments makes room.
                recovery.postponed.append(.cannotWrite(path: path, reason: reason))
                guard let bytes = try folder.readSegment(number) else { continue }
                sealed.append(SealedSegment(number, try SegmentScan(bytes), bytes: bytes.count))
            } catch .foreign(let path, let reason) {
                recovery.foreign.append(ForeignFile(path: path, reason: reason, movedTo: setAsideUnread(number)))
            }
        }
        for empty in sealed where empty.bytes == 0 { try remove(empty) }
        recovery.records = sealed.reduce(0) { $0 + $1.records }
        recovery.refused = try folder.refusedNames().count
        return recovery
    }

    /// - Returns: nil where it cannot be moved: it stays, and is left alone.
    private func setAsideUnread(_ number: Int) -> String? {
        do { return try folder.setAsideUnread(number) } catch { return nil }
    }

    /// Reads a segment; moves what is damaged in it to `damaged/`, then leaves the valid records alone in it. Killed
    /// anywhere, doing it again ends the same.
    /// - Returns: nil when there is no such file.
    /// - Throws: `foreign`, `cannotRead`, `cannotWrite`; the segment is then as it was.
    func repair(
        _ number: Int
    ) throws(SpoolError) -> (segment: SealedSegment, records: [SpooledRecord], damage: [Damage])? {
        guard let bytes = try folder.readSegment(number) else { return nil }
        let scan = try SegmentScan(bytes)
        guard !scan.damage.isEmpty else { return (SealedSegment(number, scan, bytes: bytes.count), scan.records, []) }
        var damage: [Damage] = []
        for range in scan.damage {
            damage.append(
                try folder.setAsideDamage(Array(bytes[range]), ofSegment: number, at: range.lowerBound))
        }
        if scan.validBytes == scan.damage[0].lowerBound {
            // Nothing valid behind the damage: what a crash leaves.
            try folder.cutSegment(number, to: scan.validBytes)
        } else {
            try folder.replaceSegment(number, with: scan.valid.flatMap { bytes[$0] })
        }
        return (SealedSegment(number, scan, bytes: scan.validBytes), scan.records, damage)
    }
}

extension SealedSegment {
    fileprivate init(_ number: Int, _ scan: SegmentScan, bytes: Int) {
        self.init(
            number: number, records: scan.records.count, bytes: bytes,
            firstReceivedAt: scan.records.first?.receivedAt)
    }
}
