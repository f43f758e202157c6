// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Postgres

extension TestDatabase {
    /// Runs `body` in one transaction of a session of its own, without Tollgate.
    package static func transaction<T: Sendable>(
        on source: DataSource,
        _ body: @Sendable @escaping (Connection) throws -> T
    ) async throws -> T {
        let session = Database(source, connections: 1)
        let result: Result<T, any Error>
        do {
            result = .success(try await session.transaction(body))
        } catch {
            result = .failure(error)
        }
        try await session.shutdown()
        return try result.get()
    }

    /// Runs `body` while a transaction that has its id runs in another database of the server.
    package static func whileTransactionRuns<T>(_ body: () async throws -> T) async throws -> T {
        try await hold(DataSource(TestServer.url(database: "postgres"))) { connection in
            try connection.execute("SELECT pg_current_xact_id()::text AS xid")
        } while: {
            try await body()
        }
    }

    /// Runs `body` while another session holds, in an open transaction, the locks that `take` took.
    package static func hold<T>(
        _ source: DataSource,
        _ take: @Sendable @escaping (Connection) throws -> Void,
        while body: () async throws -> T
    ) async throws -> T {
        let settings = SessionSettings(statementTimeout: .zero, idleInTransactionTimeout: .zero)
        let session = Database(source, connections: 1, settings: settings)
        let release = DispatchSemaphore(value: 0)
        let (held, hold) = AsyncStream<Void>.makeStream()
        let holder = Task {
            defer { hold.finish() }
            try await session.transaction { connection in
                try take(connection)
                hold.yield()
                release.wait()
            }
        }
        for await _ in held { break }
        let result: Result<T, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        release.signal()
        try await holder.value
        try await session.shutdown()
        return try result.get()
    }
}
