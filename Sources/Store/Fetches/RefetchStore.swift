// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Refetches, for operators to request and read.
package struct RefetchStore: Sendable {
    let database: Database

    /// Requests the state of a customer.
    package func request(_ customer: String, operator name: String) async throws -> RefetchRecord {
        try await database.transaction { connection in
            try connection.execute(
                FetchSteps.requesting([customer], account: nil, cause: nil, operator: name))
            return try RefetchRecord(
                connection.execute(
                    "SELECT \(RefetchRecord.columns) FROM tollgate.refetch WHERE subject = \(customer)"
                ).only)
        }
    }

    /// The same by a command that does it itself: if it dies, a server does, a minute later.
    package func take(_ customer: String, operator name: String) async throws -> RefetchTask {
        try await database.transaction { connection in
            try connection.execute(
                FetchSteps.requesting([customer], account: nil, cause: nil, operator: name))
            let row = try connection.execute(
                """
                UPDATE tollgate.refetch SET run_at = clock_timestamp() + interval '1 minute'
                WHERE subject = \(customer)
                RETURNING \(FetchSteps.taskColumns)
                """
            ).only
            return try FetchSteps.task(row, connection)
        }
    }

    /// - Returns: nil if nobody has asked for it yet.
    package func find(_ customer: String) async throws -> RefetchRecord? {
        try await database.transaction { connection in
            try connection.execute(
                "SELECT \(RefetchRecord.columns) FROM tollgate.refetch WHERE subject = \(customer)"
            ).first.map(RefetchRecord.init)
        }
    }
}
