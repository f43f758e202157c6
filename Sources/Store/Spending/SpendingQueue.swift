// SPDX-License-Identifier: Apache-2.0

import Postgres

/// How requests to spend wait for the database: each customer's in a line of its own.
enum SpendingQueue {
    /// Beyond this, more rows in one statement gain little and delay the first.
    private static let batchLimit = 256
    /// Whatever waits beyond that is refused at once: it could not be written in time.
    private static let queueLimit = 16_384
    /// The most of one customer's, so that no flood of one fills the queue.
    private static let lineLimit = queueLimit / 2

    static func make<Item, Output>(
        _ database: Database, customer: @escaping @Sendable (Item) -> String,
        work: @escaping @Sendable ([Item], Connection) throws -> [Output]
    ) -> GroupCommit<Item, Output> {
        GroupCommit(
            database, limit: batchLimit, queueLimit: queueLimit, lineLimit: lineLimit, line: customer, work: work
        ) { _, _ in
            // Each waiting caller gets the failure.
        }
    }
}
