// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres

/// Holds, settlements and debits.
package struct SpendingStore: Sendable {
    private struct Request: Sendable {
        let spending: Spending
        let policy: Policy
    }

    private let queue: AccountQueue<Request, SpendingResult>

    init(_ database: Database, changes: Announcements) {
        queue = AccountQueue(database, line: \.spending.customer) { requests, connection, timeout in
            guard let policy = requests.first?.policy else { return [] }
            return try SpendingRows.spend(
                requests.map(\.spending), policy, changes, connection, waitingFor: timeout)
        }
    }

    /// What has been sent to the database so far.
    package var written: BatchCounts { queue.written }

    /// Answers once it is durable; from any thread. Requests of one customer are done in the order in which they came.
    /// - Parameters:
    ///   - policy: the same for all requests of a process.
    ///   - deadline: when to give up; the outcome is then unknown, and the same request again resolves it.
    package func spend(
        _ spending: Spending, policy: Policy, by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<SpendingResult, ReadFailure>) -> Void
    ) {
        queue.add(Request(spending: spending, policy: policy), by: deadline, answer)
    }
}
