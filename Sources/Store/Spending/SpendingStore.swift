// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres
import Synchronization

/// Holds, settlements and debits: many with one commit, each under its account's lock. Whoever else has an account locked
/// holds up nobody but its own customer: its requests change over to a second queue, in their order.
package struct SpendingStore: Sendable {
    /// What became of a request in the first queue.
    private enum Outcome: Sendable {
        case done(Result<SpendingResult, any Error>)
        /// It is in the second queue now, which answers it.
        case moved
    }

    private final class Request: Sendable {
        let spending: Spending
        let policy: Policy
        let deadline: ContinuousClock.Instant
        private let answer: @Sendable (Result<SpendingResult, ReadFailure>) -> Void
        private let isAnswered = Atomic(false)

        init(
            _ spending: Spending, _ policy: Policy, _ deadline: ContinuousClock.Instant,
            _ answer: @escaping @Sendable (Result<SpendingResult, ReadFailure>) -> Void
        ) {
            self.spending = spending
            self.policy = policy
            self.deadline = deadline
            self.answer = answer
        }

        /// The first counts: the first queue may give up on a request that is already in the second.
        func reply(_ result: Result<SpendingResult, ReadFailure>) {
            if !isAnswered.exchange(true, ordering: .acquiringAndReleasing) { answer(result) }
        }
    }

    private let first: GroupCommit<Request, Outcome>

    init(_ database: Database, changes: Announcements) {
        let second = LockedOutSpending(database, changes: changes)
        first = SpendingQueue.make(database, customer: \.spending.customer) { requests, connection in
            try Self.work(requests, second, changes, connection)
        }
    }

    /// What has been sent to the database so far.
    package var written: BatchCounts { first.counts }

    /// Answers once it is durable; from any thread. Requests of one customer are done in the order in which they came.
    /// - Parameters:
    ///   - policy: the same for all requests of a process.
    ///   - deadline: when to give up; the outcome is then unknown, and the same request again resolves it.
    package func spend(
        _ spending: Spending,
        policy: Policy,
        by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<SpendingResult, ReadFailure>) -> Void
    ) {
        let request = Request(spending, policy, deadline, answer)
        first.add(request, by: deadline) { result in
            switch result {
            case .success(.done(let own)): request.reply(own.mapError { ReadFailure(of: $0) })
            case .success(.moved): break
            case .failure(let failure): request.reply(.failure(ReadFailure(failure)))
            }
        }
    }

    private static func work(
        _ requests: [Request], _ second: LockedOutSpending, _ changes: Announcements, _ connection: Connection
    ) throws -> [Outcome] {
        guard let policy = requests.first?.policy else { return [] }
        // Behind those of the same customer that wait already.
        let waiting = second.customers
        let direct = requests.filter { !waiting.contains($0.spending.customer) }
        var results = try SpendingRows.spend(direct.map(\.spending), policy, changes, connection)[...]
        return requests.map { request in
            if !waiting.contains(request.spending.customer), let result = results.popFirst() ?? nil {
                return .done(result)
            }
            second.add(request.spending, policy, by: request.deadline) { request.reply($0) }
            return .moved
        }
    }
}
