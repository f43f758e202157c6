// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import Synchronization

/// A pool of N threads that owns N lazily opened sessions: libpq blocks, and Swift's cooperative threads must never
/// block. A free thread always has a session, and the pool's queue is the wait list.
package final class Database: Sendable {
    let source: DataSource
    let settings: SessionSettings
    private let threads: NIOThreadPool
    private let idle = Mutex(IdleSessions())
    private let pause = Mutex(ConnectPause())
    private let roundTripCount = Atomic(0)

    /// Opens nothing yet.
    package init(_ source: DataSource, connections: Int, settings: SessionSettings = SessionSettings()) {
        self.source = source
        self.settings = settings
        threads = NIOThreadPool(numberOfThreads: connections)
        threads.start()
    }

    /// Runs `body` in one transaction and commits it; rolls back if it throws. The body is synchronous, so no `await`
    /// can occur inside a transaction. BEGIN goes with the first statement: a body without any costs nothing.
    /// - Throws: what `body` throws, or `PostgresError`.
    package func transaction<T: Sendable>(
        mode: TransactionMode = .standard,
        _ body: @Sendable @escaping (Connection) throws -> T
    ) async throws -> T {
        try await threads.runIfActive {
            try self.withConnection(.due(mode)) { connection in
                do {
                    let value = try body(connection)
                    try connection.commit()
                    return value
                } catch {
                    connection.rollBack()
                    throw error
                }
            }
        }
    }

    /// Runs `body` with a connection outside any transaction: each statement is its own.
    /// - Throws: what `body` throws, or `PostgresError`.
    package func statements<T: Sendable>(_ body: @Sendable @escaping (Connection) throws -> T) async throws -> T {
        try await threads.runIfActive { try self.withConnection(.none, body) }
    }

    /// The same for callers that cannot wait: `work` is called once, on one of the threads, and gets its connection
    /// from its argument; after a shutdown, that throws.
    package func submit(_ work: @Sendable @escaping (Lending) -> Void) {
        threads.submit { state in work(Lending(database: state == .active ? self : nil)) }
    }

    /// A turn on one of the pool's threads.
    package struct Lending: Sendable {
        fileprivate let database: Database?

        /// - Throws: what `body` throws, or `PostgresError`.
        package func statements<T>(_ body: (Connection) throws -> T) throws -> T {
            guard let database else { throw PostgresError(sqlState: "57P01", message: "the pool was shut down") }
            return try database.withConnection(.none, body)
        }
    }

    /// Runs `body` outside any transaction with its own session: for what PostgreSQL accepts only there, such as CREATE
    /// DATABASE, and for callers that keep it long.
    package func session<T: Sendable>(_ body: @Sendable @escaping (Connection) throws -> T) async throws -> T {
        try await threads.runIfActive {
            try body(Connection(Session(self.source, settings: self.settings), .none))
        }
    }

    /// How often its sessions have sent something and waited for the answer, not counting their opening.
    package var roundTrips: Int { roundTripCount.load(ordering: .relaxed) }

    /// Closes the sessions once running work is done; later calls throw.
    package func shutdown() async throws {
        try await threads.shutdownGracefully()
        idle.withLock { $0.close() }
    }

    /// Lends a session. One that died while idle is replaced: nothing was done on it yet.
    private func withConnection<T>(
        _ transaction: Connection.Transaction,
        _ body: (Connection) throws -> T
    ) throws -> T {
        let pooled = idle.withLock { $0.pop() }
        let connection =
            if let pooled, !pooled.isClosedByServer {
                Connection(pooled, transaction, replacement: open)
            } else {
                Connection(try open(), transaction)
            }
        // A session that is broken, still in a transaction, or has stale statements is dropped here and closed.
        let before = connection.roundTrips
        defer {
            let session = connection.session
            roundTripCount.add(max(0, session.roundTrips - before), ordering: .relaxed)
            session.resetTimeout()
            if session.isReusable { idle.withLock { $0.push(session) } }
            // The idle ones have prepared the same.
            if session.hasStaleStatements { idle.withLock { $0.close() } }
        }
        return try body(connection)
    }

    /// After a failure, attempts are spaced out: a server that comes back is not overrun, and what waits for this
    /// thread gets the failure instead of waiting for another one.
    private func open() throws(PostgresError) -> Session {
        try pause.withLock { pause throws(PostgresError) in try pause.check() }
        do throws(PostgresError) {
            let session = try Session(source, settings: settings)
            pause.withLock { $0.reset() }
            return session
        } catch {
            pause.withLock { $0.extend(after: error, random: .random(in: 0.5...1)) }
            throw error
        }
    }
}

/// `Session` is not `Sendable`; it crosses threads only here, one owner at a time: whoever popped it.
private struct IdleSessions: @unchecked Sendable {
    private var sessions: [Session] = []

    mutating func pop() -> Session? { sessions.popLast() }
    mutating func push(_ session: Session) { sessions.append(session) }
    mutating func close() { sessions = [] }
}
