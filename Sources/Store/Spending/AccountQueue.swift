// SPDX-License-Identifier: Apache-2.0

import Postgres
import Synchronization

/// Requests that change accounts: many with one commit, each under its account's lock. Whoever else has an account locked
/// holds up nobody but its own customer: its requests change over to a second queue, in their order.
struct AccountQueue<Work: Sendable, Output: Sendable>: Sendable {
    /// - Parameter timeout: how long to wait for accounts that somebody else has locked; nil for not at all.
    /// - Returns: what came of each, in order; nil for those that were not waited for.
    typealias Perform =
        @Sendable (_ batch: [Work], _ connection: Connection, _ timeout: Duration?) throws
        -> [Result<Output, any Error>?]

    /// What became of a request in the first queue.
    private enum Outcome: Sendable {
        case done(Result<Output, any Error>)
        /// It is in the second queue now, which answers it.
        case moved
    }

    private final class Request: Sendable {
        let work: Work
        let deadline: ContinuousClock.Instant
        private let answer: @Sendable (Result<Output, ReadFailure>) -> Void
        private let isAnswered = Atomic(false)

        init(
            _ work: Work, _ deadline: ContinuousClock.Instant,
            _ answer: @escaping @Sendable (Result<Output, ReadFailure>) -> Void
        ) {
            self.work = work
            self.deadline = deadline
            self.answer = answer
        }

        /// The first counts: the first queue may give up on a request that is already in the second.
        func reply(_ result: Result<Output, ReadFailure>) {
            if !isAnswered.exchange(true, ordering: .acquiringAndReleasing) { answer(result) }
        }
    }

    /// How the requests wait for the database.
    struct Limits: Sendable {
        /// Beyond this, more rows in one statement gain little and delay the first.
        var batch = 256
        /// Whatever waits beyond that is refused at once: it could not be written in time.
        var queue = 16_384
        /// The most of one customer's, so that no flood of one fills the queue.
        var line: Int { queue / 2 }
    }

    private let first: GroupCommit<Request, Outcome>

    /// - Parameter line: whose account it is.
    init(
        _ database: Database, _ limits: Limits = Limits(), line: @escaping @Sendable (Work) -> String,
        perform: @escaping Perform
    ) {
        let second = LockedOut(database, limits, line: line, perform: perform)
        let lineOfRequest: @Sendable (Request) -> String = { line($0.work) }
        first = Self.queue(database, limits, line: lineOfRequest) { requests, connection in
            try Self.work(requests, second, line, perform, connection)
        }
    }

    /// What has been sent to the database so far.
    var written: BatchCounts { first.counts }

    /// Answers once it is durable; from any thread. Requests of one account are done in the order in which they came.
    /// - Parameter deadline: when to give up; the outcome is then unknown, and the same request again resolves it.
    func add(
        _ work: Work, by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<Output, ReadFailure>) -> Void
    ) {
        let request = Request(work, deadline, answer)
        first.add(request, by: deadline) { result in
            switch result {
            case .success(.done(let own)): request.reply(own.mapError { ReadFailure(of: $0) })
            case .success(.moved): break
            case .failure(let failure): request.reply(.failure(ReadFailure(failure)))
            }
        }
    }

    private static func work(
        _ requests: [Request], _ second: LockedOut, _ line: (Work) -> String, _ perform: Perform,
        _ connection: Connection
    ) throws -> [Outcome] {
        // Behind those of the same account that wait already.
        let waiting = second.lines
        let direct = requests.filter { !waiting.contains(line($0.work)) }
        var results = try perform(direct.map(\.work), connection, nil)[...]
        return requests.map { request in
            if !waiting.contains(line(request.work)), let result = results.popFirst() ?? nil { return .done(result) }
            second.add(request.work, by: request.deadline) { request.reply($0) }
            return .moved
        }
    }

    private static func queue<Item: Sendable, Value: Sendable>(
        _ database: Database, _ limits: Limits, line: @escaping @Sendable (Item) -> String,
        work: @escaping @Sendable ([Item], Connection) throws -> [Value]
    ) -> GroupCommit<Item, Value> {
        GroupCommit(
            database, limit: limits.batch, queueLimit: limits.queue, lineLimit: limits.line, line: line, work: work
        ) { _, _ in
            // Each waiting caller gets the failure.
        }
    }

    /// The requests whose accounts somebody else has locked: another process for a moment, or somebody's own transaction
    /// for longer. Each account waits apart, and not for long.
    private final class LockedOut: Sendable {
        private let waiting: GroupCommit<Work, Result<Output, any Error>>
        private let line: @Sendable (Work) -> String
        private let counts = Mutex<[String: Int]>([:])

        init(
            _ database: Database, _ limits: Limits, line: @escaping @Sendable (Work) -> String,
            perform: @escaping Perform
        ) {
            self.line = line
            waiting = AccountQueue.queue(database, limits, line: line) { batch, connection in
                try Self.perform(batch, line, perform, connection)
            }
        }

        /// Whose requests wait here.
        var lines: Set<String> { Set(counts.withLock(\.keys)) }

        /// - Parameter answer: called once, from any thread.
        func add(
            _ work: Work, by deadline: ContinuousClock.Instant,
            _ answer: @escaping @Sendable (Result<Output, ReadFailure>) -> Void
        ) {
            let line = line(work)
            counts.withLock { $0[line, default: 0] += 1 }
            waiting.add(work, by: deadline) { [self] result in
                counts.withLock { counts in
                    counts[line, default: 0] -= 1
                    if counts[line] == 0 { counts[line] = nil }
                }
                switch result {
                case .success(let own): answer(own.mapError { ReadFailure(of: $0) })
                case .failure(let failure): answer(.failure(ReadFailure(failure)))
                }
            }
        }

        /// First those whose accounts are free by now, all at once; then each of the others alone.
        private static func perform(
            _ batch: [Work], _ line: (Work) -> String, _ perform: Perform, _ connection: Connection
        ) throws -> [Result<Output, any Error>] {
            var results = try perform(batch, connection, nil)
            let lockedOut = results.indices.filter { results[$0] == nil }
            for (_, places) in Dictionary(grouping: lockedOut, by: { line(batch[$0]) }).sorted(by: { $0.key < $1.key })
            {
                do {
                    let own = try perform(places.map { batch[$0] }, connection, lockTimeout)
                    for (place, result) in zip(places, own) { results[place] = result }
                } catch let error as PostgresError where error.isLockTimeout {
                    for place in places { results[place] = .failure(error) }
                }
            }
            return results.map { result in
                guard let result else { preconditionFailure("whoever waits for a lock gets it, or an error") }
                return result
            }
        }

        /// How long one account is waited for while others may wait behind it.
        private static var lockTimeout: Duration { .milliseconds(250) }
    }
}
