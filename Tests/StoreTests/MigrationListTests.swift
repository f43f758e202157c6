// SPDX-License-Identifier: Apache-2.0

import Postgres
import Schema
import Store
import TestSupport
import Testing

/// What `tollgate.migration` says of the schema, and what is believed of it.
@Suite struct MigrationListTests {
    /// As a table that was restored in part, or edited.
    @Test(arguments: [
        ("DELETE FROM tollgate.migration WHERE version = 1", 1),
        ("DELETE FROM tollgate.migration WHERE version = 2", 2),
        (
            "INSERT INTO tollgate.migration (version, name, checksum) VALUES (999, 'V999_x', repeat('0', 64))",
            Schema.migrations.count + 1
        ),
        ("INSERT INTO tollgate.migration (version, name, checksum) VALUES (0, 'V000_x', repeat('0', 64))", 0),
        ("INSERT INTO tollgate.migration (version, name, checksum) VALUES (-1, 'V000_x', repeat('0', 64))", -1),
    ])
    func `a list of migrations with a gap is refused, and it is said where`(_ change: String, _ version: Int)
        async throws
    {
        try await TestDatabase.with { test in
            let migrator = Migrator(test.source)
            try await TestDatabase.transaction(on: test.source) { _ = try $0.executeScript(change) }
            try await Self.expectRefusal(.listHasGap(version: version), of: migrator)
            try await migrator.close()
        }
    }

    @Test(arguments: ["DELETE FROM tollgate.migration", "DROP TABLE tollgate.migration"])
    func `our own schema without its list of migrations is refused, and it is said what to restore`(
        _ change: String
    ) async throws {
        try await TestDatabase.with { test in
            try await TestDatabase.transaction(on: test.source) { _ = try $0.executeScript(change) }
            let migrator = Migrator(test.source)
            let refusal = MigrationFailure.listIsLost(database: test.name)
            #expect("\(refusal)".contains("backup"))
            #expect(!"\(refusal)".contains("RENAME"))
            try await Self.expectRefusal(refusal, of: migrator)
            try await migrator.close()
        }
    }

    /// Types are told by what they are, not by how this database writes their names.
    @Test func `a database that quotes all identifiers is migrated and worked on as any other`() async throws {
        try await TestDatabase.withEmpty { test in
            try await TestDatabase.administer("ALTER DATABASE \(test.name) SET quote_all_identifiers = on")
            let migrator = Migrator(test.source)
            #expect(try await migrator.migrate() == Schema.migrations.map(\.name))
            try await migrator.check()
            #expect(try await migrator.migrate() == [])
            try await migrator.close()
        }
    }

    private static func expectRefusal(_ refusal: MigrationFailure, of migrator: Migrator) async throws {
        await #expect(throws: refusal) { try await migrator.migrate() }
        await #expect(throws: refusal) { try await migrator.prepare() }
        await #expect(throws: refusal) { try await migrator.check() }
    }
}
