// SPDX-License-Identifier: Apache-2.0

import Synchronization
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

    /// As after ALTER TABLE … TYPE: the plan that a session has prepared cannot be used any more.
    @Test(arguments: Use.allCases)
    func `a changed type ends no more than the statement that met it first`(_ use: Use) async throws {
        try await TestDatabase.withEmpty { test in
            let database = Database(test.source, connections: 1)
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript("CREATE TABLE public.t (word text); INSERT INTO public.t VALUES ('a')")
            }
            #expect(try await use.words(database) == ["a"])
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript("ALTER TABLE public.t ALTER COLUMN word TYPE varchar(255)")
            }
            let error = await #expect(throws: PostgresError.self) { try await use.words(database) }
            #expect(error?.sqlState == "0A000")
            #expect(try await use.words(database) == ["a"])
            try await database.shutdown()
        }
    }

    enum Use: CaseIterable, Sendable {
        case statement, transaction, pipeline, alone

        func words(_ database: Database) async throws -> [String] {
            let words: SQL = "SELECT word FROM public.t"
            return switch self {
            case .statement: try await database.statements { try $0.execute(words).map { try $0["word"] } }
            case .transaction: try await database.transaction { try $0.execute(words).map { try $0["word"] } }
            case .pipeline:
                try await database.statements { connection in
                    try connection.pipeline { $0.execute(words) }.rows.map { try $0["word"] }
                }
            case .alone: try await database.statements { try $0.executeAlone(words).map { try $0["word"] } }
            }
        }
    }

    @Test func `a session that has lost its statements is not used again`() async throws {
        try await withDatabase(connections: 1) { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.statements { connection in
                    try connection.execute("SELECT 'mine'")
                    try connection.executeScript("DEALLOCATE ALL")
                    return try connection.execute("SELECT 'mine'").count
                }
            }
            #expect(error?.sqlState == "26000")
            let count = try await database.statements { try $0.execute("SELECT 'mine'").count }
            #expect(count == 1)
        }
    }

    private final class Meeting: Sendable {
        private let arrived = Atomic(0)

        func read(_ database: Database) async throws -> Int {
            try await database.statements { connection in
                let count = try connection.execute("SELECT word FROM public.t").count
                self.arrived.add(1, ordering: .relaxed)
                for _ in 0..<3000 where self.arrived.load(ordering: .relaxed) < 3 {
                    try connection.execute("SELECT FROM pg_sleep(0.01)")
                }
                return count
            }
        }
    }

    /// The others have prepared the same, and would fail one by one.
    @Test func `with the first session that meets a changed type the idle ones are replaced too`() async throws {
        try await TestDatabase.withEmpty { test in
            let database = Database(test.source, connections: 3)
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript("CREATE TABLE public.t (word text)")
            }
            // Each waits for the others, so that each has a session of its own.
            let meeting = Meeting()
            async let one = meeting.read(database)
            async let two = meeting.read(database)
            async let three = meeting.read(database)
            #expect(try await [one, two, three] == [0, 0, 0])
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript("ALTER TABLE public.t ALTER COLUMN word TYPE varchar(255)")
            }
            var failures = 0
            for _ in 0..<3 {
                let rows = try? await database.statements { try $0.execute("SELECT word FROM public.t").count }
                if rows == nil { failures += 1 }
            }
            #expect(failures == 1)
            try await database.shutdown()
        }
    }
}
