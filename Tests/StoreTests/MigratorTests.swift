// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import Ingest
import Logging
import Postgres
import Schema
import Store
import Synchronization
import TestSupport
import Testing

@Suite struct MigratorTests {
    @Test func `migrating an empty database applies every file, and again none`() async throws {
        try await TestDatabase.withEmpty { test in
            let migrator = Migrator(test.source)
            await #expect(throws: MigrationFailure.schemaIsOlder(found: 0, needed: Schema.migrations.count)) {
                try await migrator.check()
            }
            #expect(try await migrator.migrate() == Schema.migrations.map(\.name))
            #expect(try await migrator.migrate() == [])
            try await migrator.check()
            try await migrator.close()
        }
    }

    @Test func `of several that migrate at once one does the work`() async throws {
        try await TestDatabase.withEmpty { test in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let migrator = Migrator(test.source)
                        let names = try await migrator.migrate()
                        try await migrator.close()
                        return names
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(applied.filter { !$0.isEmpty } == [Schema.migrations.map(\.name)])
        }
    }

    /// An older version keeps working beside a newer one that has migrated, unless the migration is breaking.
    @Test(arguments: [false, true])
    func `a newer schema is worked on with a word of warning, but not a breaking one; nobody migrates it`(
        isBreaking: Bool
    ) async throws {
        let known = Schema.migrations.count
        try await TestDatabase.with { test in
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO tollgate.migration (version, name, breaking, checksum)
                    VALUES (\(known + 1), 'V998_future', \(isBreaking), repeat('0', 64)),
                           (\(known + 2), 'V999_future', false, repeat('0', 64))
                    """)
            }
            let remarks = Mutex<[MigrationRemark]>([])
            let migrator = Migrator(test.source) { remark in remarks.withLock { $0.append(remark) } }
            if isBreaking {
                let refusal = MigrationFailure.schemaIsIncompatible(found: known + 2, known: known, since: known + 1)
                await #expect(throws: refusal) { try await migrator.prepare() }
                await #expect(throws: refusal) { try await migrator.check() }
                await #expect(throws: refusal) { try await migrator.migrate() }
            } else {
                #expect(try await migrator.prepare() == [])
                try await migrator.check()
                let remark = MigrationRemark.schemaIsNewer(found: known + 2, known: known)
                #expect(remarks.withLock { $0 } == [remark, remark])
                await #expect(throws: MigrationFailure.schemaIsNewer(found: known + 2, known: known)) {
                    try await migrator.migrate()
                }
            }
            try await migrator.close()
        }
    }

    @Test func `a schema that an administrator has prepared is filled, and a right that is missing is named`()
        async throws
    {
        try await withRole { test, role, source in
            let migrator = Migrator(source)
            let refusal = MigrationFailure.mayNotCreate(schema: true, database: test.name, role: role)
            await #expect(throws: refusal) { try await migrator.migrate() }
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript("CREATE SCHEMA tollgate AUTHORIZATION \(role)")
            }
            #expect(try await migrator.migrate() == Schema.migrations.map(\.name))
            try await migrator.close()
        }
    }

    @Test func `a role that may only work on the tables can serve on a schema that is up to date`() async throws {
        try await withRole { test, role, source in
            let owner = Migrator(test.source)
            _ = try await owner.migrate()
            try await owner.close()
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript(
                    """
                    GRANT USAGE ON SCHEMA tollgate TO \(role);
                    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tollgate TO \(role)
                    """)
            }
            let migrator = Migrator(source)
            #expect(try await migrator.prepare() == [])
            try await migrator.check()
            try await migrator.close()
            let store = Store(source, logger: Logger(label: "test"))
            let delivery = try #require(Delivery(payload: Events.checkout(id: "evt_1").bytes))
            let receipt = try await store.inbox.receive(delivery, by: .now + .seconds(30))
            #expect(receipt == .accepted)
            let worker = try await store.queue.register()
            let claimed = try await store.queue.claim(atMost: 1, for: worker) { $0.events.map(\.id) }
            #expect(claimed == ["evt_1"])
            #expect(try await store.sweeps.moveElapsed(atMost: 1, policy: Policy()) == 0)
            #expect(try await store.retention.prune(atMost: 1, retention: .seconds(1)) != nil)
            #expect(try await store.health.isWritable())
            try await store.close()
        }
    }

    @Test func `who waits for another migration says for whom`() async throws {
        try await TestDatabase.with { test in
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript(
                    "DELETE FROM tollgate.migration WHERE version = (SELECT max(version) FROM tollgate.migration)")
            }
            let remarks = AsyncStream<MigrationRemark>.makeStream()
            let migrator = Migrator(test.source) { remarks.continuation.yield($0) }
            let waiting = Mutex<Task<Void, Never>?>(nil)
            // As another migration does.
            try await TestDatabase.hold(test.source) { connection in
                try connection.executeScript("LOCK TABLE tollgate.migration IN SHARE ROW EXCLUSIVE MODE")
            } while: {
                waiting.withLock {
                    $0 = Task {
                        _ = try? await migrator.migrate()
                        remarks.continuation.finish()
                    }
                }
                let heard = await remarks.stream.first { _ in true }
                guard case .waitsForLock(let holders) = heard else {
                    Issue.record("\(String(describing: heard))")
                    return
                }
                #expect(holders.count == 1)
                #expect(holders.first?.contains("(tollgate)") == true, "\(holders)")
                // A check of the schema does not wait.
                await #expect(throws: MigrationFailure.self) { try await Self.check(test.source) }
            }
            // The migration may succeed or fail here: what matters is that it continued.
            await waiting.withLock { $0 }?.value
            try await migrator.close()
        }
    }

    private static func check(_ source: DataSource) async throws {
        let migrator = Migrator(source)
        let result: Result<Void, any Error>
        do {
            result = .success(try await migrator.check())
        } catch {
            result = .failure(error)
        }
        try await migrator.close()
        try result.get()
    }

    /// A backup holds locks on what it reads until its end, which may take hours.
    @Test func `a backup keeps nobody from migrating`() async throws {
        try await TestDatabase.withEmpty { test in
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript(
                    """
                    CREATE SCHEMA tollgate;
                    CREATE TABLE tollgate.migration (
                        version    integer PRIMARY KEY,
                        name       text NOT NULL,
                        applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                        breaking   boolean NOT NULL DEFAULT false,
                        checksum   text NOT NULL
                    )
                    """)
            }
            try await TestDatabase.hold(test.source) { connection in
                try connection.executeScript("LOCK TABLE tollgate.migration IN ACCESS SHARE MODE")
            } while: {
                let remarks = Mutex<[MigrationRemark]>([])
                let migrator = Migrator(test.source) { remark in remarks.withLock { $0.append(remark) } }
                #expect(try await migrator.migrate() == Schema.migrations.map(\.name))
                #expect(remarks.withLock { $0 } == [])
                try await migrator.close()
            }
        }
    }

    /// As builds before the first release left it, including those whose table had fewer columns.
    @Test(arguments: [(["V001_inbox"], false), (["V001_inbox", "V002_account", "V003_x", "V004_x"], true)])
    func `a schema that other files have made is left alone, and it is said what to do`(
        files: [String], marksBreaking: Bool
    ) async throws {
        try await TestDatabase.withEmpty { test in
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript(
                    """
                    CREATE SCHEMA tollgate;
                    CREATE TABLE tollgate.migration (
                        version    integer PRIMARY KEY,
                        name       text NOT NULL,
                        applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
                    )
                    """)
                if marksBreaking {
                    _ = try connection.executeScript(
                        "ALTER TABLE tollgate.migration ADD COLUMN breaking boolean NOT NULL DEFAULT true")
                }
                for (index, name) in files.enumerated() {
                    try connection.execute(
                        "INSERT INTO tollgate.migration (version, name) VALUES (\(index + 1), \(name))")
                }
            }
            let migrator = Migrator(test.source)
            let refusal = MigrationFailure.schemaIsOfOtherFiles(version: 1, known: "V001_events")
            #expect("\(refusal)".contains("tollgate dev --reset"))
            await #expect(throws: refusal) { try await migrator.migrate() }
            await #expect(throws: refusal) { try await migrator.prepare() }
            await #expect(throws: refusal) { try await migrator.check() }
            try await migrator.close()
            let left = try await TestDatabase.transaction(on: test.source) { connection in
                try connection.execute(
                    "SELECT relname::text FROM pg_class WHERE relnamespace = 'tollgate'::regnamespace AND relkind = 'r'"
                ).map { try $0.decode(String.self) }
            }
            #expect(left == ["migration"])
        }
    }

    /// A file that was changed after it had been applied.
    @Test(arguments: [
        "UPDATE tollgate.migration SET checksum = repeat('0', 64) WHERE version = 2",
        // As a build that stored no checksums left it.
        "ALTER TABLE tollgate.migration DROP COLUMN checksum",
    ])
    func `a schema of other files under the same names is left alone, and it is said which`(
        _ change: String
    ) async throws {
        try await TestDatabase.with { test in
            let migrator = Migrator(test.source)
            #expect(try await migrator.migrate() == [])
            try await TestDatabase.transaction(on: test.source) { _ = try $0.executeScript(change) }
            let name = change.contains("DROP") ? "V001_events" : "V002_billing"
            try await expectRefusal(.schemaIsOfOtherContent(name: name), of: migrator)
            try await migrator.close()
        }
    }

    @Test func `a migration's checksum is that of its SQL`() throws {
        let migration = Migration(version: 1, name: "V001_x", bytes: Array("abc".utf8))
        #expect(try migration.checksum == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    /// Row by row, half a million customers with their purchases would take hours.
    @Test func `a migration joins whole tables`() async throws {
        let sql = """
            CREATE TABLE tollgate.number AS SELECT n FROM generate_series(1, 1000) AS n;
            ANALYZE tollgate.number;
            DO $$
            DECLARE plan text;
            BEGIN
                EXECUTE 'EXPLAIN SELECT FROM tollgate.number a JOIN tollgate.number b USING (n)' INTO plan;
                ASSERT plan LIKE 'Hash Join%' OR plan LIKE 'Merge Join%', plan;
            END $$;
            """
        let next = Migration(version: Schema.migrations.count + 1, name: "V999_numbers", bytes: Array(sql.utf8))
        try await TestDatabase.with { test in
            let migrator = Migrator(test.source, migrations: Schema.migrations + [next])
            #expect(try await migrator.migrate() == ["V999_numbers"])
            try await migrator.close()
        }
    }

    @Test(arguments: [
        ("CREATE TABLE tollgate.event (n integer)", "table event"),
        ("CREATE VIEW tollgate.event AS SELECT 1 AS n", "view event"),
        ("CREATE VIEW tollgate.migration AS SELECT 1 AS version, 'x'::text AS name", "view migration"),
        ("CREATE TABLE tollgate.migration (id bigint, script text)", "table migration"),
        ("CREATE TABLE tollgate.migration (version text, name text)", "table migration"),
        ("CREATE TABLE tollgate.migration (version integer, name text)", "table migration"),
        ("CREATE FUNCTION tollgate.answer() RETURNS integer LANGUAGE sql AS 'SELECT 42'", "function answer"),
    ])
    func `a schema of somebody else's is left alone, and it is said what is in it`(
        _ making: String,
        _ object: String
    ) async throws {
        try await TestDatabase.withEmpty { test in
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript("CREATE SCHEMA tollgate; \(making)")
            }
            let migrator = Migrator(test.source)
            try await expectRefusal(.schemaIsNotOurs(database: test.name, object: object), of: migrator)
            try await migrator.close()
        }
    }

    @Test(arguments: ["LATIN1", "SQL_ASCII"])
    func `a database of another encoding than UTF8 is refused, and it is said how to make one`(
        _ encoding: String
    ) async throws {
        try await TestDatabase.withEmpty(encoding: encoding) { test in
            let refusal = MigrationFailure.encodingIsNotUTF8(database: test.name, encoding: encoding)
            #expect("\(refusal)".contains("createdb -E UTF8 -T template0"))
            let migrator = Migrator(test.source)
            try await expectRefusal(refusal, of: migrator)
            try await migrator.close()
        }
    }

    private func expectRefusal(_ refusal: MigrationFailure, of migrator: Migrator) async throws {
        await #expect(throws: refusal) { try await migrator.migrate() }
        await #expect(throws: refusal) { try await migrator.prepare() }
        await #expect(throws: refusal) { try await migrator.check() }
    }

    @Test func `without lz4 the same schema comes about`() async throws {
        #expect(Schema.migrations.contains { $0.sql.contains("lz4") })
        #expect(!Schema.migrations.contains { $0.sqlWithoutLZ4.contains("lz4") })
        try await TestDatabase.withEmpty { test in
            try await TestDatabase.transaction(on: test.source) { connection in
                // The migrations comment on the table that the migrator makes before them.
                try connection.executeScript("CREATE SCHEMA tollgate; CREATE TABLE tollgate.migration ()")
                for migration in Schema.migrations { try connection.executeScript(migration.sqlWithoutLZ4) }
            }
        }
    }

    @Test func `where nobody may make the reader's role, it is said how`() async throws {
        try await TestDatabase.with { test in
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript("REVOKE SELECT ON tollgate.api_access FROM tollgate_reader")
            }
            let remarks = Mutex<[MigrationRemark]>([])
            let migrator = Migrator(test.source) { remark in remarks.withLock { $0.append(remark) } }
            #expect(try await migrator.migrate() == [])
            #expect(remarks.withLock { $0 } == [.readerIsMissing])
            try await migrator.close()
        }
    }

    /// An empty database, and a role without privileges on it.
    private func withRole(_ body: (TestDatabase, String, DataSource) async throws -> Void) async throws {
        try await TestDatabase.withEmpty { test in
            let role = "role_of_\(test.name)"
            try await TestDatabase.administer("CREATE ROLE \(role) LOGIN")
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(test, role, DataSource("\(test.url) user=\(role)")))
            } catch {
                result = .failure(error)
            }
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript("DROP OWNED BY \(role) CASCADE")
            }
            try await TestDatabase.administer("DROP ROLE \(role)")
            try result.get()
        }
    }

    @Test func `the list names every file of the folder, in order`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../sql").standardized
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".sql") }
            .sorted()
        #expect(files == Schema.migrations.map { "\($0.name).sql" })
        #expect(Schema.migrations.map(\.version) == Array(1...Schema.migrations.count))
        for migration in Schema.migrations {
            let text = try String(contentsOf: folder.appending(path: "\(migration.name).sql"), encoding: .utf8)
            #expect(migration.sql == text)
        }
    }
}
