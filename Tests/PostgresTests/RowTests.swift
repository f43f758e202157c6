// SPDX-License-Identifier: Apache-2.0

import Postgres
import TestSupport
import Testing

@Suite struct RowTests {
    private static func row(_ sql: SQL, _ body: @escaping @Sendable (Rows.Row) throws -> Void) async throws {
        try await withDatabase(connections: 1) { database in
            try await database.statements { connection in
                try body(try connection.execute(sql).only)
            }
        }
    }

    @Test func `columns are read by their names in any order, and again`() async throws {
        try await Self.row("SELECT 'x' AS a, 2 AS b, NULL::bigint AS c, true AS d") { row in
            try #expect(row["d"] == true)
            try #expect(row["a"] == "x")
            try #expect(row["b"] == 2)
            try #expect(row["c"] == nil as Int64?)
            try #expect(row["d"] == true)
            try #expect(row["b"] == 2)
        }
    }

    @Test func `what is not there, NULL or of another type is an error that names the column`() async throws {
        try await Self.row("SELECT NULL::bigint AS amount, 'x' AS word") { row in
            let null = #expect(throws: PostgresError.self) { try row["amount"] as Int64 }
            #expect(null?.message == "column amount is NULL and not a Int64")
            let type = #expect(throws: PostgresError.self) { try row["word"] as Int64? }
            #expect(type?.message.contains("column word") == true)
            let none = #expect(throws: PostgresError.self) { try row["nothing"] as String? }
            #expect(none?.message == "the result has no column nothing")
        }
    }

    @Test func `a name that two columns have is none`() async throws {
        try await Self.row("SELECT 1 AS id, 2 AS id, 3 AS other") { row in
            let error = #expect(throws: PostgresError.self) { try row["id"] as Int }
            #expect(error?.message.contains("id") == true)
            try #expect(row["other"] == 3)
        }
    }

    @Test func `one row is asked for, and none or two are an error`() async throws {
        try await withDatabase(connections: 1) { database in
            try await database.statements { connection in
                for count in [0, 2] {
                    let rows = try connection.execute("SELECT generate_series(1, \(count)::bigint)")
                    #expect(throws: PostgresError.self) { try rows.only }
                }
            }
        }
    }
}
