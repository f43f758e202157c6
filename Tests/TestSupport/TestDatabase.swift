// SPDX-License-Identifier: Apache-2.0

import Foundation
import Postgres
import Store

/// One PostgreSQL database per test, cloned from a migrated template. `scripts/test` starts the server and sets
/// TOLLGATE_TEST_DATABASE_URL.
package struct TestDatabase: Sendable {
    package let name: String
    package let source: DataSource
    /// The libpq string behind `source`, for handing to a process.
    package let url: String

    /// Lends a fresh, migrated database and drops it afterwards.
    package static func with<T>(_ body: (TestDatabase) async throws -> T) async throws -> T {
        let template = try await Template.shared.name()
        return try await lend(from: template, body)
    }

    /// Lends a fresh, empty database.
    package static func withEmpty<T>(_ body: (TestDatabase) async throws -> T) async throws -> T {
        try await lend(from: "template0", body)
    }

    /// Lends an empty database with an encoding other than UTF8.
    package static func withEmpty<T>(
        encoding: String,
        _ body: (TestDatabase) async throws -> T
    ) async throws -> T {
        try await lend(from: "template0 ENCODING '\(encoding)' LC_COLLATE 'C' LC_CTYPE 'C'", body)
    }

    private static func lend<T>(from template: String, _ body: (TestDatabase) async throws -> T) async throws -> T {
        let name = "test_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await administer("CREATE DATABASE \(name) TEMPLATE \(template)")
        let result: Result<T, any Error>
        do {
            result = .success(try await body(try TestDatabase(name)))
        } catch {
            result = .failure(error)
        }
        try await administer("DROP DATABASE \(name) WITH (FORCE)")
        return try result.get()
    }

    fileprivate init(_ name: String) throws {
        self.name = name
        url = try TestServer.url(database: name)
        source = DataSource(url)
    }

    /// As if its server were down: every session ends, and no new one is accepted.
    package func cutOff() async throws {
        try await Self.administer("ALTER DATABASE \(name) ALLOW_CONNECTIONS false")
        try await Self.administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
    }

    package func letIn() async throws {
        try await Self.administer("ALTER DATABASE \(name) ALLOW_CONNECTIONS true")
    }

    /// Runs one statement on the server's own database, outside any transaction.
    package static func administer(_ sql: String) async throws {
        let database = Database(DataSource(try TestServer.url(database: "postgres")), connections: 1)
        do {
            _ = try await database.session { try $0.executeScript(sql).count }
        } catch {
            try await database.shutdown()
            throw error
        }
        try await database.shutdown()
    }
}

/// Where the tests' PostgreSQL is.
package enum TestServer {
    package struct NotRunning: Error, CustomStringConvertible {
        package let description = "TOLLGATE_TEST_DATABASE_URL is not set: run the tests with scripts/test"
    }

    /// A libpq keyword string for one of its databases.
    package static func url(database: String) throws -> String {
        guard let base = ProcessInfo.processInfo.environment["TOLLGATE_TEST_DATABASE_URL"] else { throw NotRunning() }
        // libpq uses the last of two `dbname` keywords.
        return "\(base) dbname=\(database)"
    }
}

/// The migrated database that others are cloned from: made once per run.
private actor Template {
    static let shared = Template()
    private var made: Task<String, any Error>?

    func name() async throws -> String {
        if let made { return try await made.value }
        let task = Task {
            let name = "template_\(ProcessInfo.processInfo.processIdentifier)"
            try await TestDatabase.administer("DROP DATABASE IF EXISTS \(name)")
            try await TestDatabase.administer("CREATE DATABASE \(name) TEMPLATE template0")
            let migrator = Migrator(try TestDatabase(name).source)
            _ = try await migrator.migrate()
            try await migrator.close()
            return name
        }
        made = task
        return try await task.value
    }
}
