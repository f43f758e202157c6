// SPDX-License-Identifier: Apache-2.0

/// What makes damaged segments whole, at the start and whenever one is read.
extension Segments {
    struct Repaired {
        let segment: SealedSegment
        let records: [SpooledRecord]
        let damage: [Damage]
    }

    /// Checks every segment. Those that hold nothing any more are removed.
    /// - Throws: `cannotRead`, `cannotWrite`.
    mutating func recover() throws(SpoolError) -> Recovery {
        var recovery = Recovery()
        for number in try folder.segmentNumbers() {
            do throws(SpoolError) {
                guard let repaired = try repair(number) else { continue }
                recovery.damage += repaired.damage
                backlog.add(repaired.segment)
            } catch .foreign(let path, let reason) {
                recovery.foreign.append(ForeignFile(path: path, reason: reason, movedTo: setAsideUnread(number)))
            } catch {
                recovery.postponed.append(error)
                switch error {
                // A full disk: draining the other segments makes room.
                case .cannotWrite: try addAsItIs(number)
                // Of one that cannot be read now, nothing is known but its size.
                case .cannotRead: addUnread(number)
                default: throw error
                }
            }
        }
        for empty in backlog.waiting where empty.bytes == 0 && !backlog.stuck.contains(empty.number) {
            try remove(empty)
        }
        recovery.records = backlog.waiting.reduce(0) { $0 + $1.records }
        recovery.refused = try folder.refusedNames().count
        return recovery
    }

    private mutating func addAsItIs(_ number: Int) throws(SpoolError) {
        guard let bytes = try folder.readSegment(number) else { return }
        backlog.add(SealedSegment(number, try SegmentScan(bytes), bytes: bytes.count))
    }

    private mutating func addUnread(_ number: Int) {
        let stamp = try? FileStamp.at(folder.path(ofSegment: number))
        backlog.add(SealedSegment(number: number, records: 0, bytes: stamp?.size ?? 0))
        backlog.fail(number)
    }

    /// - Returns: nil where it cannot be moved: it stays, and is left alone.
    private func setAsideUnread(_ number: Int) -> String? {
        do { return try folder.setAsideUnread(number) } catch { return nil }
    }

    /// Takes up a file that was put into the folder while the spool was open.
    /// - Throws: `foreign`, `cannotRead`, `cannotWrite`.
    mutating func take(_ action: Newcomers.Action) throws(SpoolError) {
        switch action {
        case .takeWhole(let number):
            guard let bytes = try folder.readSegment(number) else { return }
            let scan = try SegmentScan(bytes)
            if scan.damage.isEmpty { backlog.add(SealedSegment(number, scan, bytes: bytes.count)) }
        case .take(let number):
            do throws(SpoolError) {
                // Read once more, and set right, when its turn has come.
                try addAsItIs(number)
            } catch {
                if case .foreign = error { _ = try folder.setAsideUnread(number) }
                throw error
            }
        }
    }

    /// Reads a segment; moves what is damaged in it to `damaged/`, then leaves the valid records alone in it. Killed
    /// anywhere, doing it again ends the same.
    /// - Returns: nil when there is no such file.
    /// - Throws: `foreign`, `cannotRead`, `cannotWrite`; the segment is then as it was.
    func repair(_ number: Int) throws(SpoolError) -> Repaired? {
        guard let bytes = try folder.readSegment(number) else { return nil }
        let scan = try SegmentScan(bytes)
        guard !scan.damage.isEmpty else {
            return Repaired(
                segment: SealedSegment(number, scan, bytes: bytes.count), records: scan.records, damage: [])
        }
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
        return Repaired(
            segment: SealedSegment(number, scan, bytes: scan.validBytes), records: scan.records, damage: damage)
    }
}

extension SealedSegment {
    fileprivate init(_ number: Int, _ scan: SegmentScan, bytes: Int) {
        self.init(
            number: number, records: scan.records.count, bytes: bytes,
            firstReceivedAt: scan.records.first?.receivedAt)
    }
}
