// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// Where the items of a group commit stand. A value: `GroupCommit` tells it what happens and does what it answers.
struct GroupCommitState<Element: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum AddAction: Equatable {
        /// So many wait already that it could not be done in time.
        case refuse
        /// - Parameters:
        ///   - takesTurn: whether a turn on a thread of the database has to be asked for.
        ///   - watches: whether the deadlines have to be watched from now on.
        case wait(takesTurn: Bool, watches: Bool)
    }

    enum WatchAction: Sendable {
        case sleep(until: Instant)
        /// The elements are answered no other way.
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
    private var queue: Deque<Waiting> = []
    /// The batch that the database has. Those that were given up on stay, for the outputs are told apart by their places.
    private var underWay: [Waiting] = []
    /// Whether a turn was asked for and has not ended.
    private var hasTurn = false
    private var isWatched = false
    /// What the database was given so far.
    private(set) var counts = BatchCounts()

    /// - Parameters:
    ///   - limit: elements in one batch.
    ///   - queueLimit: elements that may wait beside it.
    init(limit: Int, queueLimit: Int) {
        self.limit = limit
        self.queueLimit = queueLimit
    }

    mutating func add(_ element: Element, by deadline: Instant) -> AddAction {
        guard queue.count < queueLimit else { return .refuse }
        queue.append(Waiting(element: element, deadline: deadline))
        defer { (hasTurn, isWatched) = (true, true) }
        return .wait(takesTurn: !hasTurn, watches: !isWatched)
    }

    /// The turn has come.
    /// - Returns: the batch; empty where all were given up on meanwhile.
    mutating func begin() -> [Element] {
        underWay = Array(queue.prefix(limit))
        queue.removeFirst(underWay.count)
        if !underWay.isEmpty {
            counts.batches += 1
            counts.items += underWay.count
        }
        return underWay.map(\.element)
    }

    /// The batch is done.
    /// - Returns: its elements in their order, nil for those that were given up on meanwhile; and whether another turn has
    ///   to be asked for.
    mutating func succeed() -> (batch: [Element?], takesTurn: Bool) {
        defer { underWay = [] }
        hasTurn = !queue.isEmpty
        return (underWay.map { $0.isGivenUp ? nil : $0.element }, hasTurn)
    }

    /// The turn was in vain.
    /// - Returns: those to give up on: nobody waits for a database that has just failed, nor do those who are queued.
    mutating func fail() -> [Element] {
        hasTurn = false
        defer { underWay = [] }
        return giveUp { _ in true }
    }

    /// What whoever watches over the deadlines has to do now.
    mutating func watch(at now: Instant) -> WatchAction {
        let unanswered = underWay.lazy.filter { !$0.isGivenUp }
        guard let next = [unanswered.map(\.deadline).min(), queue.lazy.map(\.deadline).min()].compactMap(\.self).min()
        else {
            isWatched = false
            return .end
        }
        return next <= now ? .giveUp(giveUp { $0.deadline <= now }) : .sleep(until: next)
    }

    /// - Parameter isMeant: asked of those that the database has; of the others all are.
    private mutating func giveUp(_ isMeant: (Waiting) -> Bool) -> [Element] {
        var elements: [Element] = []
        for index in underWay.indices where !underWay[index].isGivenUp && isMeant(underWay[index]) {
            underWay[index].isGivenUp = true
            elements.append(underWay[index].element)
        }
        elements += queue.map(\.element)
        queue = []
        return elements
    }
}
