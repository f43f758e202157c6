// SPDX-License-Identifier: Apache-2.0

/// A session lent to a closure: its statements, its transaction, and what follows that. Blocking, and used by one
/// thread at a time: deliberately not `Sendable`, so that it cannot leave the closure.
package final class Connection {
    var session: Session
    var transaction: Transaction
    /// Opens another session in place of one that may have died while idle; nil for a new one.
    let replacement: (() throws(PostgresError) -> Session)?
    var commitHooks: [() -> Void] = []

    /// The connection's position in its transaction.
    enum Transaction {
        /// Each statement is its own transaction.
        case none
        /// BEGIN goes with the first statement.
        case due(TransactionMode)
        case begun
        /// The commit was sent: it succeeded, was refused, or the outcome is unknown.
        case ended
    }

    init(_ session: Session, _ transaction: Transaction, replacement: (() throws(PostgresError) -> Session)? = nil) {
        self.session = session
        self.transaction = transaction
        self.replacement = replacement
    }

    /// Whether the session is still open, as far as libpq knows.
    package var isUsable: Bool { session.isUsable }

    /// How often this session has sent something and waited for the answer.
    package var roundTrips: Int { session.roundTrips }

    /// Runs one statement.
    /// - Throws: `PostgresError`.
    @discardableResult
    package func execute(_ sql: SQL) throws(PostgresError) -> Rows {
        switch transaction {
        case .none, .begun:
            return try session.execute(sql)
        case .due, .ended:
            let entry = Pipeline.Entry(sql)
            try run([entry])
            return try entry.reply.rows
        }
    }

    /// Runs several statements in one round trip: those that `body` gives the pipeline.
    ///
    /// ```swift
    /// let (prices, now) = try connection.pipeline { pipeline in
    ///     (pipeline.execute("SELECT …"), pipeline.execute("SELECT clock_timestamp()"))
    /// }
    /// for row in try prices.rows { … }
    /// ```
    /// - Throws: what `body` throws, before anything is sent; the `PostgresError` of the first statement that failed.
    ///   Outside a transaction, with SQLSTATE 08007 if it is unknown whether they were executed.
    @discardableResult
    package func pipeline<T>(_ body: (Pipeline) throws -> T) throws -> T {
        let pipeline = Pipeline()
        let value = try body(pipeline)
        guard !pipeline.entries.isEmpty else { return value }
        if let timeout = pipeline.timeout { session.extendTimeout(to: timeout) }
        if case .none = transaction {
            try session.committing { () throws(PostgresError) in try session.run(pipeline.entries) }
        } else {
            try run(pipeline.entries)
        }
        return value
    }

    /// Runs a whole script of statements without parameters, for example from a file: migrations.
    /// - Throws: `PostgresError`.
    @discardableResult
    package func executeScript(_ sql: String) throws(PostgresError) -> Rows {
        switch transaction {
        case .none, .begun: break
        case .due, .ended: try run([])
        }
        return try session.executeScript(sql)
    }

    /// Runs one statement that is its own transaction: one round trip instead of three.
    /// - Throws: `PostgresError`; SQLSTATE 08007 if it is unknown whether it is, or will be, durable.
    @discardableResult
    package func executeAlone(_ sql: SQL) throws(PostgresError) -> Rows {
        // Nothing is done before it is executed, so its preparation has no unknown outcome.
        let name = try session.prepare(sql)
        return try session.committing { () throws(PostgresError) in try session.execute(sql, prepared: name) }
    }

    /// Gives the statements of this transaction more time than the session allows, here and on the server.
    /// - Throws: `PostgresError`.
    package func extendTimeout(to limit: Duration) throws(PostgresError) {
        session.extendTimeout(to: limit)
        try execute(Self.extendTimeout(to: limit))
    }

    /// For a pipeline: how long the statements of this transaction wait for a lock.
    package static func lockTimeout(_ limit: Duration) -> SQL {
        "SELECT set_config('lock_timeout', \(Session.milliseconds(limit)), true)"
    }

    static func extendTimeout(to limit: Duration) -> SQL {
        "SELECT set_config('statement_timeout', \(Session.milliseconds(limit)), true)"
    }
}
