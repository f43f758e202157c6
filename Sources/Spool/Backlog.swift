// SPDX-License-Identifier: Apache-2.0

/// The sealed segments that wait to be drained. Touches no file. No segment is forgotten because it cannot be read now.
struct Backlog: Sendable, Hashable {
    /// Those in the folder, oldest first.
    private(set) var waiting: [SealedSegment] = []
    /// The numbers of the segments that could not be read or repaired at the last attempt.
    private(set) var stuck: Set<Int> = []
    /// Segments of a folder that was moved away or replaced. They come back when their files do.
    private(set) var lost: [SealedSegment] = []

    /// Acknowledged records that cannot be drained now.
    var stuckRecords: Int {
        lost.reduce(0) { $0 + $1.records } + waiting.reduce(0) { $0 + (stuck.contains($1.number) ? $1.records : 0) }
    }

    func contains(_ number: Int) -> Bool { waiting.contains { $0.number == number } }

    /// The oldest that is not stuck.
    var next: SealedSegment? { waiting.first { !stuck.contains($0.number) } }

    /// The oldest that is stuck and has not been tried yet.
    func nextStuck(besides tried: Set<Int>) -> SealedSegment? {
        waiting.first { stuck.contains($0.number) && !tried.contains($0.number) }
    }

    mutating func add(_ segment: SealedSegment) {
        // The number alone is not enough: another spool may have used the same one.
        lost.removeAll { $0.number == segment.number && $0.firstReceivedAt == segment.firstReceivedAt }
        let index = waiting.firstIndex { $0.number > segment.number } ?? waiting.endIndex
        waiting.insert(segment, at: index)
    }

    /// Replaces what was known about the segment with what has just been read.
    mutating func update(_ segment: SealedSegment) {
        guard let index = waiting.firstIndex(where: { $0.number == segment.number }) else { return }
        waiting[index] = segment
        stuck.remove(segment.number)
    }

    mutating func fail(_ number: Int) {
        if contains(number) { stuck.insert(number) }
    }

    mutating func remove(_ number: Int) {
        waiting.removeAll { $0.number == number }
        stuck.remove(number)
    }

    /// The path now leads to another folder.
    mutating func lose() {
        lost += waiting.filter { $0.records > 0 }
        waiting = []
        stuck = []
    }

    /// - Returns: whether it was one of the lost segments.
    mutating func removeLost(_ segment: SealedSegment) -> Bool {
        guard let index = lost.firstIndex(of: segment) else { return false }
        lost.remove(at: index)
        return true
    }
}
