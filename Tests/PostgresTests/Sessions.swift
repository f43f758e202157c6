// SPDX-License-Identifier: Apache-2.0

import Postgres
import TestSupport

/// Lends a pool on an empty database.
func withDatabase(
    connections: Int = 2,
    settings: SessionSettings = SessionSettings(),
    _ body: (Database) async throws -> Void
) async throws {
    try await TestDatabase.withEmpty { test in
        let database = Database(test.source, connections: connections, settings: settings)
        try await body(database)
        try await database.shutdown()
    }
}
