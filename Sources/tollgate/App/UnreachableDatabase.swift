// SPDX-License-Identifier: Apache-2.0

import Postgres
import Settings

/// A database that a command run by hand cannot reach: what to do, then what PostgreSQL or libpq said.
struct UnreachableDatabase: Error, CustomStringConvertible {
    let description: String

    /// - Returns: nil for an error that is none of reaching it.
    init?(_ error: PostgresError, _ configuration: Configuration) {
        guard let failure = error.connectFailure else { return nil }
        let isStopped = configuration.isOfDevelopment && failure == .unreachable
        let advice =
            isStopped
            ? "tollgate dev does not run in this folder, and its database only runs with it: start it, or set DATABASE_URL"
            : failure.advice
        description = "\(advice) (\(error))"
    }

    static func explained<Result>(
        _ configuration: Configuration, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as PostgresError {
            throw UnreachableDatabase(error, configuration) ?? error
        }
    }
}
