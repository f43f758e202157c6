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

    private let spendings: GroupCommit<Item, SpendingResult>

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
        spendings.add(Item(spending: spending, policy: policy), by: deadline) { answer($0.mapError(ReadFailure.init)) }
    }

    private static func spend(
        _ batch: [Spending], _ connection: Connection, _ changes: Announcements, _ policy: Policy
    ) throws -> [SpendingResult] {
        do {
            return try connection.inTransaction { connection in
                var rows = SpendingRows(connection, telling: changes, policy: policy)
                try rows.lock(batch)
                let results = batch.map { rows.perform($0) }
                try rows.save()
                return results
            }
        } catch let error as PostgresError where batch.count > 1 && !error.isTransient {
            // One that the database refuses must not fail the others.
            return try batch.flatMap { try spend([$0], connection, changes, policy) }
        }
    }
}
