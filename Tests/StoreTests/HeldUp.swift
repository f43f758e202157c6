// SPDX-License-Identifier: Apache-2.0

import Postgres
import TestSupport

/// Work on one table that is begun by several at once, as nobody may write to it before all of them wait.
enum HeldUp {
    /// - Parameter count: at most as many as the pool has connections.
    /// - Returns: what each of them did.
    static func run<T: Sendable>(
        _ count: Int,
        at table: String,
        of database: TestDatabase,
        _ body: @Sendable @escaping (Int) async throws -> T
    ) async throws -> [T] {
        let source = database.source
        let tasks = try await TestDatabase.hold(source) { connection in
            _ = try connection.executeScript("LOCK TABLE \(table) IN SHARE MODE")
        } while: {
            let tasks = (0..<count).map { place in Task { try await body(place) } }
            try await eventually("\(count) sessions wait") {
                try await waiting(source) == count ? true : nil
            }
            return tasks
        }
        var results: [T] = []
        for task in tasks { results.append(try await task.value) }
        return results
    }

    private static func waiting(_ source: DataSource) async throws -> Int {
        try await TestDatabase.transaction(on: source) { connection in
            try connection.execute(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            ).only.decode(Int.self)
        }
    }
}
