import Foundation
import Postgres
import Schema
import Store
import TestSupport
import Testing

@Suite struct MigratorTests {
    @Test func `migrating an empty database applies every file, and again none`() async throws {
        try await TestDatabase.withEmpty { test in
            let migrator = Migrator(test.source)
            await #expect(throws: Migrator.Failure.schemaIsOlder(found: 0, needed: Schema.migrations.count)) {
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

    @Test func `a newer schema is refused`() async throws {
        try await TestDatabase.with { test in
            let database = Database(test.source, connections: 1)
            try await database.transaction { connection in
                _ = try connection.execute("INSERT INTO tollgate.migration (version, name) VALUES (999, 'V999_future')")
            }
            try await database.shutdown()
            let migrator = Migrator(test.source)
            let refusal = Migrator.Failure.schemaIsNewer(found: 999, known: Schema.migrations.count)
            await #expect(throws: refusal) { try await migrator.migrate() }
            await #expect(throws: refusal) { try await migrator.check() }
            try await migrator.close()
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
