// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Many requests in one transaction. One that the database refuses, or whose row cannot be read, must not fail the others:
/// then each is done alone.
enum AccountBatch {
    /// - Parameter body: does them in a transaction, and commits; nil of a request that is to be done later.
    static func perform<Request, Output>(
        _ batch: [Request], _ connection: Connection,
        _ body: ([Request], Connection) throws -> [Output?]
    ) throws -> [Result<Output, any Error>?] {
        guard !batch.isEmpty else { return [] }
        do {
            return try connection.inTransaction { connection in
                try body(batch, connection).map { output in output.map { .success($0) } }
            }
        } catch  where !DatabaseOutage.explains(error) {
            guard batch.count > 1 else { return [.failure(error)] }
            return try batch.flatMap { try perform([$0], connection, body) }
        }
    }
}
