// SPDX-License-Identifier: Apache-2.0

/// The state of a group commit's items. A value: `GroupCommit` reports every event to it and does what it returns.
struct GroupCommitState<Element: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum AddAction: Equatable {
        /// So many are already waiting, of all or of its line, that it could not be done in time.
        case refuse
        /// - Parameters:
        ///   - takesTurn: whether to request a turn on one of the database's threads.
        ///   - watches: whether to watch the deadlines from now on.
        case wait(takesTurn: Bool, watches: Bool)
    }

    enum WatchAction: Sendable {
        case sleep(until: Instant)
        /// The elements get no other answer.
        case giveUp([Element])
        /// Nobody waits.
        case end
    }

    private struct Waiting: Sendable {
        let element: Element
        let deadline: Instant
        var isGivenUp = false
    }

    private let limit: Int
    private let queueLimit: Int
    private let lineLimit: Int
    private var queue = FairQueue<Waiting>()
    /// The batch in flight. Elements that were given up on stay, because outputs are matched by position.
    private var underWay: [Waiting] = []
    private var begunAt: Instant?
    /// What takes longer, with one of it late, is not only waited for because there is much to do.
    private static var longBatch: Duration { .milliseconds(500) }
    /// Whether a turn was requested and has not ended.
    private var hasTurn = false
    private var isWatched = false
    /// What has been sent to the database so far.
    private(set) var counts = BatchCounts()

    /// - Parameters:
    ///   - limit: elements per batch.
    ///   - queueLimit: elements that may wait besides it.
    ///   - lineLimit: how many of them in one line; nil for all.
    init(limit: Int, queueLimit: Int, lineLimit: Int? = nil) {
        self.limit = limit
        self.queueLimit = queueLimit
        self.lineLimit = lineLimit ?? queueLimit
    }

    /// - Parameter line: the lines are served in turn.
    mutating func add(_ element: Element, to line: String = "", by deadline: Instant) -> AddAction {
        guard queue.count < queueLimit, queue.count(of: line) < lineLimit else { return .refuse }
        queue.append(Waiting(element: element, deadline: deadline), to: line)
        defer { (hasTurn, isWatched) = (true, true) }
        return .wait(takesTurn: !hasTurn, watches: !isWatched)
    }

    /// The turn has come.
    /// - Returns: the batch; empty if all were given up on in the meantime.
    mutating func begin(at now: Instant) -> [Element] {
        underWay = queue.take(limit)
        begunAt = now
        if !underWay.isEmpty {
            counts.batches += 1
            counts.items += underWay.count
        }
        return underWay.map(\.element)
    }

    /// The batch is done.
    /// - Returns: its elements in their order, nil for those that were given up on in the meantime; and whether to
    ///   request another turn.
    mutating func succeed() -> (batch: [Element?], takesTurn: Bool) {
        defer { underWay = [] }
        hasTurn = !queue.isEmpty
        return (underWay.map { $0.isGivenUp ? nil : $0.element }, hasTurn)
    }

    /// The turn failed.
    /// - Returns: those to give up on: nobody waits for a database that has just failed, not even the queued ones.
    mutating func fail() -> [Element] {
        hasTurn = false
        defer { underWay = [] }
        return giveUpUnderWay { _ in true } + giveUpQueued { _ in true }
    }

    /// What the watch over the deadlines must do now.
    mutating func watch(at now: Instant) -> WatchAction {
        let unanswered = underWay.lazy.filter { !$0.isGivenUp }
        guard let next = [unanswered.map(\.deadline).min(), queue.least(\.deadline)].compactMap(\.self).min() else {
            isWatched = false
            return .end
        }
        guard next <= now else { return .sleep(until: next) }
        let late = giveUpUnderWay { $0.deadline <= now }
        // Nobody waits behind a batch that is stuck. If there are only too many of them, each waits for its own time.
        let isStuck = !late.isEmpty && begunAt.map { $0 + Self.longBatch <= now } ?? false
        return .giveUp(late + giveUpQueued { isStuck || $0.deadline <= now })
    }

    private mutating func giveUpUnderWay(_ isIncluded: (Waiting) -> Bool) -> [Element] {
        var elements: [Element] = []
        for index in underWay.indices where !underWay[index].isGivenUp && isIncluded(underWay[index]) {
            underWay[index].isGivenUp = true
            elements.append(underWay[index].element)
        }
        return elements
    }

    private mutating func giveUpQueued(_ isIncluded: (Waiting) -> Bool) -> [Element] {
        queue.removeAll(where: isIncluded).map(\.element)
    }
}
