import NIOPosix
import Synchronization

/// A pool of N threads that owns N lazily opened connections: libpq blocks, Swift's cooperative threads must
/// never. A free thread always has a connection, and the pool's queue is the wait list.
package final class Database: Sendable {
    let source: DataSource
    let settings: SessionSettings
    private let threads: NIOThreadPool
    private let announced: @Sendable ([String]) -> Void
    private let idle = Mutex(IdleConnections())
    private let pause = Mutex(ConnectPause())

    /// Opens nothing yet.
    /// - Parameter announced: told, on a thread of the pool, what a transaction announced, once it is committed.
    package init(
        _ source: DataSource,
        connections: Int,
        settings: SessionSettings = SessionSettings(),
        announced: @escaping @Sendable ([String]) -> Void = { _ in }
    ) {
        self.source = source
        self.settings = settings
        self.announced = announced
        threads = NIOThreadPool(numberOfThreads: connections)
        threads.start()
    }

    /// Runs `body` in one transaction and commits it; rolls back when it throws. The body is synchronous, so no
    /// `await` can sit inside a transaction.
    /// - Throws: what `body` throws, or `PostgresError`.
    package func transaction<T: Sendable>(_ body: @Sendable @escaping (Connection) throws -> T) async throws -> T {
        try await threads.runIfActive {
            try self.withConnection(begun: true) { connection in
                let value: T
                do {
                    value = try body(connection)
                } catch {
                    self.rollBack(connection)
                    _ = connection.takeAnnounced()
                    throw error
                }
                // Also where it is not known whether it was committed.
                defer {
                    let words = connection.takeAnnounced()
                    if !words.isEmpty { self.announced(words) }
                }
                try connection.commit()
                return value
            }
        }
    }

    /// Runs `body` with a connection that is in no transaction: each statement is one of its own.
    /// - Throws: what `body` throws, or `PostgresError`.
    package func statements<T: Sendable>(_ body: @Sendable @escaping (Connection) throws -> T) async throws -> T {
        try await threads.runIfActive { try self.withConnection(begun: false, body) }
    }

    /// The same for who cannot wait: `work` is called once, on one of the threads, and gets its connection from what it
    /// is given; after a shutdown that throws.
    package func submit(_ work: @Sendable @escaping (Lending) -> Void) {
        threads.submit { state in work(Lending(database: state == .active ? self : nil)) }
    }

    /// A turn on one of the pool's threads.
    package struct Lending: Sendable {
        fileprivate let database: Database?

        /// - Throws: what `body` throws, or `PostgresError`.
        package func statements<T>(_ body: (Connection) throws -> T) throws -> T {
            guard let database else { throw PostgresError(sqlState: "57P01", message: "the pool was shut down") }
            return try database.withConnection(begun: false, body)
        }
    }

    /// Runs `body` outside any transaction: for what PostgreSQL takes only there, such as CREATE DATABASE.
    package func session<T: Sendable>(_ body: @Sendable @escaping (Connection) throws -> T) async throws -> T {
        try await threads.runIfActive {
            try body(Connection(self.source, settings: self.settings))
        }
    }

    /// Closes the connections once running work is done; later calls throw.
    package func shutdown() async throws {
        try await threads.shutdownGracefully()
        idle.withLock { $0.close() }
    }

    /// Lends a connection, with a transaction begun where that is asked for. One that died while it lay idle is replaced
    /// once: nothing was done on it yet.
    private func withConnection<T>(begun: Bool, _ body: (Connection) throws -> T) throws -> T {
        let connection: Connection
        if let pooled = idle.withLock({ $0.pop() }), begun ? begin(on: pooled) : !pooled.isClosedByServer {
            connection = pooled
        } else {
            connection = try connect()
            if begun { try connection.executeScript("BEGIN") }
        }
        // A connection that is broken, or still in a transaction, is dropped here and closes.
        defer {
            connection.endTransaction()
            if connection.isUsable, !connection.isInTransaction { idle.withLock { $0.push(connection) } }
        }
        return try body(connection)
    }

    /// After a failure, attempts are spaced out: a server that comes back is not met by everybody at once, and what
    /// waits for this thread hears of the failure instead of waiting for another.
    private func connect() throws -> Connection {
        try pause.withLock { pause in try pause.check() }
        do {
            let connection = try Connection(source, settings: settings)
            pause.withLock { $0.reset() }
            return connection
        } catch {
            pause.withLock { $0.extend(after: error, random: .random(in: 0.5...1)) }
            throw error
        }
    }

    private func begin(on connection: Connection) -> Bool {
        do {
            try connection.executeScript("BEGIN")
            return true
        } catch {
            return false  // the caller opens another, whose failure is reported
        }
    }

    private func rollBack(_ connection: Connection) {
        guard connection.isUsable else { return }
        do {
            try connection.executeScript("ROLLBACK")
        } catch {
            // The connection is dropped, which rolls back too; the first error is the one to report.
            return
        }
    }
}

/// `Connection` is not `Sendable`; it crosses threads only here, one owner at a time: whoever popped it.
private struct IdleConnections: @unchecked Sendable {
    private var connections: [Connection] = []

    mutating func pop() -> Connection? { connections.popLast() }
    mutating func push(_ connection: Connection) { connections.append(connection) }
    mutating func close() { connections = [] }
}
