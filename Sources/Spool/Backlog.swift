// SPDX-License-Identifier: Apache-2.0

/// The sealed segments that wait to be drained. It touches no file. None is forgotten because it cannot be read now.
struct Backlog: Sendable, Hashable {
    /// In the folder, oldest first.
    private(set) var waiting: [SealedSegment] = []
    /// The numbers of those that could not be read, or not be set right, when that was last tried.
    private(set) var stuck: Set<Int> = []
    /// Those of a folder that was moved away or replaced. They come back with their files.
    private(set) var lost: [SealedSegment] = []

    /// Acknowledged, and nothing can be done with them now.
    var stuckRecords: Int {
        lost.reduce(0) { $0 + $1.records } + waiting.reduce(0) { $0 + (stuck.contains($1.number) ? $1.records : 0) }
    }

    func contains(_ number: Int) -> Bool { waiting.contains { $0.number == number } }

    /// The oldest that is well.
    var next: SealedSegment? { waiting.first { !stuck.contains($0.number) } }

    /// The oldest that is not well, of those that were not tried yet.
    func nextStuck(besides tried: Set<Int>) -> SealedSegment? {
        waiting.first { stuck.contains($0.number) && !tried.contains($0.number) }
    }

    mutating func add(_ segment: SealedSegment) {
        // Not by its number alone: that may be one of another spool's.
        lost.removeAll { $0.number == segment.number && $0.firstReceivedAt == segment.firstReceivedAt }
        let index = waiting.firstIndex { $0.number > segment.number } ?? waiting.endIndex
        waiting.insert(segment, at: index)
    }

    /// What was read of it is newer than what was known.
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

    /// The folder is another one.
    mutating func lose() {
        lost += waiting.filter { $0.records > 0 }
        waiting = []
        stuck = []
    }

    /// - Returns: whether it was one of the lost.
    mutating func removeLost(_ segment: SealedSegment) -> Bool {
        guard let index = lost.firstIndex(of: segment) else { return false }
        lost.remove(at: index)
        return true
    }
}
