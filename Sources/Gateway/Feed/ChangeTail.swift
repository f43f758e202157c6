// SPDX-License-Identifier: Apache-2.0

import Store

/// The end of the feed in memory, for all who follow it: everything between two positions, each customer once, as last
/// read. A value: it neither reads nor waits.
struct ChangeTail {
    let identity: String
    /// Who has read up to here, or further, is answered from memory.
    private(set) var start: FeedPosition
    private(set) var end: FeedPosition
    private let limit: Int
    /// In the order of the feed; those with a newer change of the same customer do not count.
    private var changes: [FeedChange] = []
    private var newest: [String: FeedPosition] = [:]

    /// - Parameter limit: how many changes it keeps at the most.
    init(from moment: FeedMoment, limit: Int = 10_000) {
        identity = moment.identity
        start = moment.position
        end = moment.position
        self.limit = limit
    }

    var count: Int { changes.count }

    /// Adds what was read from `end` on.
    mutating func append(_ reading: FeedReading) {
        for change in reading.changes {
            changes.append(change)
            newest[change.answer.customer] = change.position
        }
        end = reading.end
        if changes.count > limit { trim() }
    }

    /// Makes room: first by what counts no more, then by what is oldest.
    private mutating func trim() {
        changes = changes.filter(isNewest)
        let excess = changes.count - limit * 3 / 4
        guard changes.count > limit else { return }
        for change in changes.prefix(excess) { newest[change.answer.customer] = nil }
        start = changes[excess - 1].position
        changes.removeFirst(excess)
    }

    private func isNewest(_ change: FeedChange) -> Bool { newest[change.answer.customer] == change.position }

    /// What comes after a position.
    /// - Returns: nil if that is not in memory; with the position up to which it is everything.
    func changes(after position: FeedPosition, atMost limit: Int) -> (
        changes: [FeedChange], end: FeedPosition, hasMore: Bool
    )? {
        guard position >= start else { return nil }
        var found: [FeedChange] = []
        for change in changes[firstIndex(after: position)...] where isNewest(change) {
            if found.count == limit { return (found, found.last?.position ?? position, true) }
            found.append(change)
        }
        return (found, max(end, position), false)
    }

    private func firstIndex(after position: FeedPosition) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].position > position { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
