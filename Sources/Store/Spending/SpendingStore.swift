// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// Holds, settlements and debits: many with one commit, each under its account's lock.
package struct SpendingStore: Sendable {
    /// Beyond this, more rows in one statement gain little and delay the first.
    private static let batchLimit = 256
    /// Whatever waits beyond that is refused at once: it could not be written in time.
    private static let queueLimit = 8192

    private struct Item {
        let spending: Spending
        let policy: Policy
    }

    private let spendings: GroupCommit<Item, Result<SpendingResult, any Error>>

    init(_ database: Database, changes: Announcements) {
        spendings = GroupCommit(
            database, limit: Self.batchLimit, queueLimit: Self.queueLimit
        ) { items, connection in
            guard let policy = items.first?.policy else { return [] }
            return try Self.spend(items.map(\.spending), connection, changes, policy)
        } gaveUp: { _, _ in
            // Each waiting caller gets the failure.
        }
    }

    /// What has been sent to the database so far.
    package var written: BatchCounts { spendings.counts }

    /// Answers once it is durable; from any thread.
    /// - Parameters:
    ///   - policy: the same for all requests of a process.
    ///   - deadline: when to give up; the outcome is then unknown, and the same request again resolves it.
    package func spend(
        _ spending: Spending,
        policy: Policy,
        by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<SpendingResult, ReadFailure>) -> Void
    ) {
        spendings.add(Item(spending: spending, policy: policy), by: deadline) { result in
            switch result {
            case .success(let own): answer(own.mapError { ReadFailure(of: $0) })
            case .failure(let failure): answer(.failure(ReadFailure(failure)))
            }
        }
    }

    private static func spend(
        _ batch: [Spending], _ connection: Connection, _ changes: Announcements, _ policy: Policy
    ) throws -> [Result<SpendingResult, any Error>] {
        do {
            return try connection.inTransaction { connection in
                var rows = SpendingRows(connection, telling: changes, policy: policy)
                try rows.lock(batch)
                let results = batch.map { rows.perform($0) }
                try rows.save()
                return results.map { .success($0) }
            }
        } catch  where (error as? PostgresError)?.isTransient != true {
            // One that the database refuses, or whose row cannot be read, must not fail the others.
            guard batch.count > 1 else { return [.failure(error)] }
            return try batch.flatMap { try spend([$0], connection, changes, policy) }
        }
    }
}
