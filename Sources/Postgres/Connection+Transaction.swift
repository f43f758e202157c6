// SPDX-License-Identifier: Apache-2.0

extension Connection {
    /// Runs statements of a transaction in one round trip, together with its BEGIN if that is due.
    func run(_ entries: [Pipeline.Entry]) throws(PostgresError) {
        switch transaction {
        case .none, .begun: try session.run(entries)
        case .due(let mode): try begin(mode, with: entries)
        case .ended: throw PostgresError(sqlState: "25000", message: "the transaction has ended")
        }
    }

    private func begin(_ mode: TransactionMode, with entries: [Pipeline.Entry]) throws(PostgresError) {
        let begin = Pipeline.Entry(mode.begin)
        defer { if begin.reply.hasRows { transaction = .begun } }
        do throws(PostgresError) {
            try session.run([begin] + entries)
        } catch {
            // Not even BEGIN was answered: the session had died before, and nothing was done on it.
            guard !begin.reply.hasRows, error.isConnectionLoss, !session.isGivenUp,
                let another = try replacement?()
            else { throw error }
            session = another
            try session.run([begin] + entries)
        }
    }

    /// Sends what `body` gives the pipeline, and the COMMIT, in one round trip. Nothing can follow in the transaction.
    /// - Throws: as `pipeline`; SQLSTATE 08007 if it is unknown whether the transaction is, or will be, durable.
    @discardableResult
    package func commit<T>(_ body: (Pipeline) throws -> T) throws -> T {
        let pipeline = Pipeline()
        let value = try body(pipeline)
        var entries = pipeline.entries
        switch transaction {
        case .none, .ended: throw PostgresError(sqlState: "25P01", message: "there is no transaction to commit")
        case .due where entries.isEmpty: return value
        case .due(let mode): entries.insert(Pipeline.Entry(mode.begin), at: 0)
        case .begun: break
        }
        let commit = Pipeline.Entry("COMMIT")
        if let timeout = pipeline.timeout { session.extendTimeout(to: timeout) }
        try ending { () throws(PostgresError) in
            try session.run(entries + [commit])
            return try commit.reply.rows
        }
        return value
    }

    /// Runs `body` in one transaction and commits it; rolls back if it throws. Only outside one.
    /// - Throws: what `body` throws, or `PostgresError`.
    package func inTransaction<T>(_ body: (Connection) throws -> T) throws -> T {
        guard case .none = transaction else {
            throw PostgresError(sqlState: "25001", message: "there is a transaction already")
        }
        transaction = .due(.standard)
        defer { transaction = .none }
        do {
            let value = try body(self)
            try commit()
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    /// Commits what has begun and is not yet committed.
    /// - Throws: `PostgresError`; SQLSTATE 08007 if it is unknown whether it is, or will be, durable.
    func commit() throws(PostgresError) {
        guard case .begun = transaction else { return }
        try ending { () throws(PostgresError) in try session.executeScript("COMMIT") }
    }

    private func ending(_ commit: () throws(PostgresError) -> Rows) throws(PostgresError) {
        let answer: Rows
        do throws(PostgresError) {
            answer = try session.committing(commit)
        } catch {
            if error.isUnknownOutcome { end(isCommitted: true) }
            throw error
        }
        guard answer.commandTag == "COMMIT" else {
            end(isCommitted: false)
            throw PostgresError(sqlState: "25P02", message: "the transaction had failed and was rolled back")
        }
        end(isCommitted: true)
    }

    /// - Parameter isCommitted: true also if that is unknown.
    private func end(isCommitted: Bool) {
        transaction = .ended
        let hooks = commitHooks
        commitHooks = []
        if isCommitted { for hook in hooks { hook() } }
    }

    /// Undoes what is not committed.
    func rollBack() {
        if session.isUsable, session.isInTransaction {
            // If that fails too, the session is dropped, which rolls back; the first error is the one to report.
            _ = try? session.executeScript("ROLLBACK")
        }
        if case .ended = transaction {} else { end(isCommitted: false) }
    }

    /// Calls `body` once this transaction is committed, or may be; never if it is rolled back. Immediately outside one.
    package func afterCommit(_ body: @escaping () -> Void) {
        if case .none = transaction { body() } else { commitHooks.append(body) }
    }
}
