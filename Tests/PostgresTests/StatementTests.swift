// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Postgres

@Suite struct StatementTests {
    private static func name(_ text: String, _ types: [UInt32]) -> String { Statement(text: text, types: types).name }

    @Test func `a statement's name is the same in every process, and another for other text or types`() {
        let name = Self.name("SELECT $1", [25])
        #expect(name == "tollgate_\(name.split(separator: "_")[1])")
        #expect(name == Self.name("SELECT $1", [25]))
        let others = [
            Self.name("SELECT $2", [25]), Self.name("SELECT $1", [20]),
            Self.name("SELECT $1", []), Self.name("SELECT $1", [25, 25]),
        ]
        #expect(Set(others + [name]).count == 5)
        #expect(name.utf8.count < 64)
    }

    /// A transaction pooler hands sessions on: another client's statement may be there, or ours may be gone.
    @Test func `a session that is shared is recognised by its statements, and none is mistaken for another`()
        async throws
    {
        try await TestDatabase.withEmpty { test in
            let database = Database(test.source, connections: 1)
            let name = Self.name("SELECT 'mine'", [])
            let there = await #expect(throws: PostgresError.self) {
                try await database.session { connection in
                    try connection.executeScript("PREPARE \(name) AS SELECT 'theirs'")
                    return try connection.execute("SELECT 'mine'").count
                }
            }
            #expect(there?.sqlState == "42P05")
            #expect(there?.message.contains("transaction pooler") == true)
            let gone = await #expect(throws: PostgresError.self) {
                try await database.session { connection in
                    try connection.execute("SELECT 'mine'")
                    try connection.executeScript("DEALLOCATE ALL")
                    return try connection.execute("SELECT 'mine'").count
                }
            }
            #expect(gone?.sqlState == "26000")
            #expect(gone?.message.contains("transaction pooler") == true)
            try await database.shutdown()
        }
    }
}
