// SPDX-License-Identifier: Apache-2.0

import Postgres
import Synchronization

/// Takes items one by one and sends many to the database together: what arrives while one batch is in flight forms the
/// next. No timer, so a single item never waits; and no item waits longer than its own deadline. Concurrent reads gain
/// from this as much as commits do. Items may wait in lines of their own, which are served in turn.
final class GroupCommit<Item: Sendable, Output: Sendable>: Sendable {
    typealias Answer = @Sendable (Result<Output, Failure>) -> Void

    enum Failure: Error {
        /// So many are already waiting, of all or of its line, that it could not be done in time.
        case overload
        case late
        case database(any Error)
    }

    private struct Waiting {
        let item: Item
        let answer: Answer
    }

    private let database: Database
    private let line: @Sendable (Item) -> String
    private let work: @Sendable ([Item], Connection) throws -> [Output]
    private let gaveUp: @Sendable (Failure, Int) -> Void
    private let state: Mutex<GroupCommitState<Waiting>>

    /// - Parameters:
    ///   - limit: items per batch.
    ///   - queueLimit: items that may wait besides it.
    ///   - lineLimit: how many of them in one line; nil for all.
    ///   - line: in which an item waits; those of one line are done in order.
    ///   - work: returns one output for each item.
    ///   - gaveUp: told why, and for how many items, before they are answered.
    init(
        _ database: Database,
        limit: Int,
        queueLimit: Int,
        lineLimit: Int? = nil,
        line: @escaping @Sendable (Item) -> String = { _ in "" },
        work: @escaping @Sendable ([Item], Connection) throws -> [Output],
        gaveUp: @escaping @Sendable (Failure, Int) -> Void
    ) {
        self.database = database
        self.line = line
        self.work = work
        self.gaveUp = gaveUp
        state = Mutex(GroupCommitState(limit: limit, queueLimit: queueLimit, lineLimit: lineLimit))
    }

    /// What has been sent to the database so far.
    var counts: BatchCounts { state.withLock(\.counts) }

    /// - Parameter answer: called once, from any thread.
    func add(_ item: Item, by deadline: ContinuousClock.Instant, _ answer: @escaping Answer) {
        switch state.withLock({ $0.add(Waiting(item: item, answer: answer), to: line(item), by: deadline) }) {
        case .refuse:
            answer(.failure(.overload))
        case .wait(let takesTurn, let watches):
            if takesTurn { takeTurn() }
            if watches { Task { await watch() } }
        }
    }

    /// One batch after another, each with its own turn on a database thread, because others wait for those too.
    private func takeTurn() {
        database.submit { [self] lending in
            let result = Result {
                try lending.statements { connection in
                    // Only once there is a session: what arrives while one is being opened joins this batch.
                    let items = state.withLock { $0.begin(at: .now) }.map(\.item)
                    let outputs = items.isEmpty ? [] : try work(items, connection)
                    precondition(outputs.count == items.count, "an item without an output would wait for ever")
                    return outputs
                }
            }
            switch result {
            case .success(let outputs):
                let (batch, takesTurn) = state.withLock { $0.succeed() }
                // The next batch is sent before the answers to this one are given.
                if takesTurn { self.takeTurn() }
                for (waiting, output) in zip(batch, outputs) { waiting?.answer(.success(output)) }
            case .failure(let error):
                giveUp(.database(error), state.withLock { $0.fail() })
            }
        }
    }

    private func giveUp(_ failure: Failure, _ waiting: [Waiting]) {
        gaveUp(failure, waiting.count)
        for waiting in waiting { waiting.answer(.failure(failure)) }
    }

    /// At its deadline, gives up on whatever is still unanswered: nobody waits for a blocked database thread.
    private func watch() async {
        while true {
            switch state.withLock({ $0.watch(at: .now) }) {
            case .end: return
            case .giveUp(let late): giveUp(.late, late)
            case .sleep(let deadline):
                do {
                    try await Task.sleep(until: deadline, clock: .continuous)
                } catch {
                    return  // never cancelled: nobody holds this task
                }
            }
        }
    }
}
