// SPDX-License-Identifier: Apache-2.0

import Postgres
import Synchronization

/// Takes items one by one to the database and does many of them at once: what arrives while one batch is under way is the
/// next batch. No timer, so a single item waits for nothing; and no item waits longer than its own deadline.
final class Batches<Item: Sendable, Output: Sendable>: Sendable {
    typealias Answer = @Sendable (Result<Output, Failure>) -> Void

    enum Failure: Error {
        /// So many wait already that it could not be done in time.
        case overload
        case late
        case database(any Error)
    }

    private struct Waiting {
        let item: Item
        let deadline: ContinuousClock.Instant
        /// Nil once it was given.
        var answer: Answer?
    }

    private struct State {
        var queue: [Waiting] = []
        /// The batch that the database has.
        var underWay: [Waiting] = []
        var taken = BatchCounts()
        var isWorking = false
        var isWatching = false
    }

    private let database: Database
    private let limit: Int
    private let queueLimit: Int
    private let work: @Sendable ([Item], Connection) throws -> [Output]
    private let gaveUp: @Sendable (Failure, Int) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: items in one batch.
    ///   - queueLimit: items that may wait beside it.
    ///   - work: gives one output for each item.
    ///   - gaveUp: told why, and on how many items, before they are answered.
    init(
        _ database: Database,
        limit: Int,
        queueLimit: Int,
        work: @escaping @Sendable ([Item], Connection) throws -> [Output],
        gaveUp: @escaping @Sendable (Failure, Int) -> Void
    ) {
        self.database = database
        self.limit = limit
        self.queueLimit = queueLimit
        self.work = work
        self.gaveUp = gaveUp
    }

    /// - Parameter answer: called once, from any thread.
    func add(_ item: Item, by deadline: ContinuousClock.Instant, _ answer: @escaping Answer) {
        let (isTaken, works, watches) = state.withLock { state in
            guard state.queue.count < queueLimit else { return (false, false, false) }
            state.queue.append(Waiting(item: item, deadline: deadline, answer: answer))
            defer { (state.isWorking, state.isWatching) = (true, true) }
            return (true, !state.isWorking, !state.isWatching)
        }
        guard isTaken else { return answer(.failure(.overload)) }
        if works { workOff() }
        if watches { Task { await watch() } }
    }

    /// What was taken to the database so far.
    var taken: BatchCounts { state.withLock(\.taken) }

    /// One batch and then the next, each with a turn of its own on a thread of the database's: others wait for that too.
    private func workOff() {
        database.submit { [self] lending in
            let result = Result {
                try lending.statements { connection in
                    let items = state.withLock { state in
                        state.underWay = Array(state.queue.prefix(limit))
                        state.queue.removeFirst(state.underWay.count)
                        state.taken.batches += 1
                        state.taken.items += state.underWay.count
                        return state.underWay.map(\.item)
                    }
                    return items.isEmpty ? [] : try work(items, connection)
                }
            }
            let (batch, goesOn) = state.withLock { state in
                defer { state.underWay = [] }
                state.isWorking = !state.queue.isEmpty
                return (state.underWay, state.isWorking)
            }
            // The next batch is on its way before the answers to this one.
            if goesOn { workOff() }
            switch result {
            case .success(let outputs):
                for (waiting, output) in zip(batch, outputs) { waiting.answer?(.success(output)) }
            case .failure(let error):
                giveUp(.database(error), batch)
            }
        }
    }

    /// Nobody waits for a database that has just failed, nor do those who are queued.
    private func giveUp(_ failure: Failure, _ some: [Waiting]) {
        let queued = state.withLock { state in
            defer { state.queue = [] }
            return state.queue
        }
        let all = (some + queued).compactMap(\.answer)
        gaveUp(failure, all.count)
        for answer in all { answer(.failure(failure)) }
    }

    /// Gives up, at its deadline, on whatever is still unanswered: nobody waits for a blocked database thread.
    private func watch() async {
        while let next = nextDeadline() {
            do {
                try await Task.sleep(until: next, clock: .continuous)
            } catch {
                break  // never cancelled: nobody holds this task
            }
            let late = takeLate(at: .now)
            if !late.isEmpty { giveUp(.late, late) }
        }
    }

    /// - Returns: nil where nobody waits, and then nobody watches.
    private func nextDeadline() -> ContinuousClock.Instant? {
        state.withLock { state in
            let underWay = state.underWay.lazy.filter { $0.answer != nil }.map(\.deadline).min()
            let next = [underWay, state.queue.lazy.map(\.deadline).min()].compactMap(\.self).min()
            state.isWatching = next != nil
            return next
        }
    }

    private func takeLate(at now: ContinuousClock.Instant) -> [Waiting] {
        state.withLock { state in
            var late = state.queue.filter { $0.deadline <= now }
            state.queue.removeAll { $0.deadline <= now }
            for index in state.underWay.indices where state.underWay[index].deadline <= now {
                guard state.underWay[index].answer != nil else { continue }
                late.append(state.underWay[index])
                state.underWay[index].answer = nil
            }
            return late
        }
    }
}
