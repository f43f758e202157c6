// SPDX-License-Identifier: Apache-2.0

import Schema
import Store
import TestSupport
import Testing

@testable import tollgate

/// This version beside a newer one that has applied one more migration.
@Suite struct TwoVersionsTests {
    private static let next = Schema.migrations.count + 1

    /// Applies it as the newer version does.
    private func migrate(_ database: TestDatabase, _ sql: String) async throws {
        let migration = Migration(version: Self.next, name: "V\(Self.next)_next", bytes: Array(sql.utf8))
        let migrator = Migrator(database.source, migrations: Schema.migrations + [migration])
        #expect(try await migrator.migrate() == [migration.name])
        try await migrator.close()
    }

    @Test func `an older process works on beside a newer schema, and one that starts on it warns and works`()
        async throws
    {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { running in
                try await migrate(
                    database,
                    """
                    ALTER TABLE tollgate.event ADD COLUMN next text;
                    ALTER TABLE tollgate.account ADD COLUMN next bigint NOT NULL DEFAULT 0;
                    CREATE INDEX event_next ON tollgate.event (next) WHERE next IS NOT NULL;
                    """)
                let one = try await running.shell("trigger", "invoice.paid", "--customer", "cus_1")
                #expect(one.code == 0, "\(one.output)")
                try await running.access(of: "cus_1", becomes: "invoice_paid")

                try await RunningServer.with(database.url) { started in
                    let remark = MigrationRemark.schemaIsNewer(found: Self.next, known: Self.next - 1)
                    #expect(try await started.program.logged("\(remark)").level == "warning")
                    let other = try await started.shell("trigger", "invoice.paid", "--customer", "cus_2")
                    #expect(other.code == 0, "\(other.output)")
                    // Both answer, whichever of them has processed it.
                    try await started.access(of: "cus_2", becomes: "invoice_paid")
                    try await running.access(of: "cus_2", becomes: "invoice_paid")
                    #expect(try await started.shell("healthcheck").code == 0)
                    #expect(try await running.shell("healthcheck").code == 0)
                }
            }
            let refused = try await Program.run(["migrate"], environment: ["DATABASE_URL": database.url])
            #expect(refused.code == 1)
            let refusal = MigrationFailure.schemaIsNewer(found: Self.next, known: Self.next - 1)
            #expect(refused.errors.contains("\(refusal)"), "\(refused.errors)")
        }
    }

    @Test(arguments: [["serve"], ["serve", "--only", "worker"], ["migrate"], ["prune"]])
    func `nothing starts on a schema of a build from before the first release`(_ arguments: [String]) async throws {
        try await TestDatabase.with { database in
            try await TestDatabase.transaction(on: database.source) { connection in
                _ = try connection.execute("UPDATE tollgate.migration SET name = 'V002_account' WHERE version = 2")
            }
            let ended = try await TemporaryFolder.with { folder in
                try await Program.run(arguments, environment: RunningServer.environment(database.url), in: folder)
            }
            #expect(ended.code == 1)
            let refusal = MigrationFailure.schemaIsOfOtherFiles(version: 2, known: Schema.migrations[1].name)
            #expect(ended.errors.contains("\(refusal)"), "\(ended.errors)")
        }
    }

    @Test(arguments: [["serve"], ["serve", "--no-migrate"], ["serve", "--only", "worker"], ["migrate"]])
    func `no older process starts on a schema that breaks it, and it says which version does`(
        _ arguments: [String]
    ) async throws {
        try await TestDatabase.with { database in
            try await migrate(
                database,
                """
                --! breaking-change
                ALTER TABLE tollgate.event RENAME COLUMN payload TO body;
                """)
            let ended = try await TemporaryFolder.with { folder in
                try await Program.run(arguments, environment: RunningServer.environment(database.url), in: folder)
            }
            #expect(ended.code == 1)
            let known = Self.next - 1
            let refusal = MigrationFailure.schemaIsIncompatible(found: Self.next, known: known, since: Self.next)
            #expect(ended.errors.contains("\(refusal)"), "\(ended.errors)")
            #expect(!ended.errors.contains("listening"), "\(ended.errors)")
        }
    }
}
