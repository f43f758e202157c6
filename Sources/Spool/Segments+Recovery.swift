// SPDX-License-Identifier: Apache-2.0

/// Repairs damaged segments, at the start and whenever one is read.
extension Segments {
    struct Repaired {
        let segment: SealedSegment
        let records: [SpooledRecord]
        let damage: [Damage]
    }

    /// Checks every segment, and removes those that are now empty.
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
                // The disk is full: draining the other segments makes room.
                case .cannotWrite: try addAsItIs(number)
                // Of a segment that cannot be read now, only the size is known.
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

    /// - Returns: nil if it cannot be moved; it then stays, untouched.
    private func setAsideUnread(_ number: Int) -> String? {
        do { return try folder.setAsideUnread(number) } catch { return nil }
    }

    /// Takes up a file that was put into the folder while the spool was open.
    /// - Throws: `foreign`, `cannotRead`, `cannotWrite`.
    mutating func take(_ action: UnknownFiles.Action) throws(SpoolError) {
        switch action {
        case .takeWhole(let number):
            guard let bytes = try folder.readSegment(number) else { return }
            let scan = try SegmentScan(bytes)
            if scan.damage.isEmpty { backlog.add(SealedSegment(number, scan, bytes: bytes.count)) }
        case .take(let number):
            do throws(SpoolError) {
                // It is read again, and repaired, when its turn comes.
                try addAsItIs(number)
            } catch {
                if case .foreign = error { _ = try folder.setAsideUnread(number) }
                throw error
            }
        }
    }

    /// Reads a segment, moves what is damaged in it to `damaged/`, then keeps only the valid records. Idempotent: if
    /// killed at any point, a second run ends with the same result.
    /// - Returns: nil when there is no such file.
    /// - Throws: `foreign`, `cannotRead`, `cannotWrite`; the segment is then unchanged.
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
            // Nothing valid follows the damage: this is what a crash leaves.
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
