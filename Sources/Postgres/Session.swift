// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Glibc

/// One libpq session: what is sent to the server and the answers awaited. Blocking, and used by one thread at a time.
final class Session {
    let handle: OpaquePointer
    let source: DataSource
    private let settings: SessionSettings
    private let notices: Notices
    /// The names of the statements that the server has prepared for this session.
    private var prepared: [Statement: String] = [:]
    /// The same, found without writing the statement's text anew each time it is executed.
    private var names: [StatementShape: String] = [:]
    /// A reply did not arrive in time: whatever arrives later belongs to nobody.
    private(set) var isGivenUp = false
    private var isBroken = false
    /// What it has prepared cannot be executed any more, and never will be: a type has changed, or it is gone.
    private(set) var hasStaleStatements = false
    /// Feature not supported, as a plan whose result would have other types; unknown prepared statement.
    private static let staleStates: Set = ["0A000", "26000"]
    /// How often something was sent and its answer awaited.
    private(set) var roundTrips = 0
    /// A statement's time limit, here and on the server; zero for no limit.
    private var timeout: Duration
    /// How much longer than the server's own limit to wait before giving the reply up. A server that silently
    /// disappeared (a half-open connection) enforces none of its own limits.
    private static let replySlack: Duration = .seconds(1)

    /// Opens a session and applies `settings`. Blocks for at most the connect time-out of each host.
    init(_ source: DataSource, settings: SessionSettings) throws(PostgresError) {
        handle = try Self.connect(source, settings)
        self.source = source
        self.settings = settings
        timeout = settings.statementTimeout
        notices = Notices(of: handle)
        // So that sending is also waited for here, within the limit.
        PQsetnonblocking(handle, 1)
        // A client that vanished in the middle of a pipeline is neither idle nor within a statement: only TCP tells the
        // server, which would otherwise keep the locks for two hours.
        var setup = [
            Pipeline.Entry(
                """
                SELECT set_config('statement_timeout', \(Self.milliseconds(settings.statementTimeout)), false),
                       set_config('lock_timeout', \(Self.milliseconds(settings.lockTimeout)), false),
                       set_config('idle_in_transaction_session_timeout',
                                  \(Self.milliseconds(settings.idleInTransactionTimeout)), false),
                       set_config('tcp_keepalives_idle', '15', false),
                       set_config('tcp_keepalives_interval', '5', false),
                       set_config('tcp_keepalives_count', '3', false),
                       set_config('tcp_user_timeout', '20000', false)
                """)
        ]
        if let policy = settings.policy { setup.append(Pipeline.Entry(policy)) }
        try run(setup)
    }

    deinit {
        PQfinish(handle)
    }

    /// Whether it is still open, as far as libpq knows.
    var isUsable: Bool { !isGivenUp && !isBroken && notices.fatal == nil && PQstatus(handle) == CONNECTION_OK }

    /// Whether another transaction can begin on it.
    var isReusable: Bool { isUsable && !isInTransaction && !hasStaleStatements }

    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Whether the server ended the session while idle: whatever is sent then is not executed, though nobody could
    /// tell. Anything else it sends unasked, notices and changed settings, does not count.
    var isClosedByServer: Bool {
        // Its last message comes before the end of the stream, so everything that has arrived is read; a server that
        // keeps sending is not waited for.
        for _ in 0..<16 where PQstatus(handle) == CONNECTION_OK && notices.fatal == nil {
            var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            guard poll(&socket, 1, 0) != 0 else { return false }
            guard PQconsumeInput(handle) == 1 else { return true }
            // Processes what was read.
            _ = PQisBusy(handle)
        }
        return true
    }

    /// Restores the session's own limits, as the server does after each transaction.
    func resetTimeout() {
        timeout = settings.statementTimeout
    }

    /// How long to wait for a statement from now on; the server must be told too.
    func extendTimeout(to limit: Duration) {
        timeout = limit
    }

    static func milliseconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)"
    }

    // MARK: One statement

    /// Results come in binary form.
    func execute(_ sql: SQL) throws(PostgresError) -> Rows {
        try execute(sql, prepared: prepare(sql))
    }

    /// - Parameter name: what `prepare` returned for it.
    func execute(_ sql: SQL, prepared name: String) throws(PostgresError) -> Rows {
        let isSent = Self.withBinary(sql.parameters) { count, values, lengths, formats in
            PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1) == 1
        }
        return try check(isSent ? reply() : nil)
    }

    /// Runs a script of statements without parameters, in text form.
    func executeScript(_ text: String) throws(PostgresError) -> Rows {
        try check(PQsendQuery(handle, text) == 1 ? reply() : nil)
    }

    /// - Returns: the statement's name, which the server knows from then on.
    func prepare(_ sql: SQL) throws(PostgresError) -> String {
        if let name = preparedName(of: sql) { return name }
        let statement = sql.statement
        let name = statement.name
        let types = statement.types
        _ = try check(PQsendPrepare(handle, name, statement.text, Int32(types.count), types) == 1 ? reply() : nil)
        prepared[statement] = name
        return name
    }

    /// - Returns: nil if the server has not prepared it for this session.
    private func preparedName(of sql: SQL) -> String? {
        let shape = StatementShape(sql)
        if let name = names[shape] { return name }
        guard let name = prepared[sql.statement] else { return nil }
        names[shape] = name
        return name
    }

    /// Runs something that commits.
    /// - Throws: `PostgresError`; SQLSTATE 08007 if it is unknown whether it is, or will be, durable.
    func committing<T>(_ body: () throws(PostgresError) -> T) throws(PostgresError) -> T {
        // Nothing was sent that could have been executed.
        if isClosedByServer { throw lost }
        notices.hasUnreplicated = false
        let value: T
        do throws(PostgresError) {
            value = try body()
        } catch  where error.isConnectionLoss {
            throw .unknownOutcome(error.message)
        }
        if notices.hasUnreplicated { throw .unknownOutcome("the synchronous standby did not confirm the commit") }
        return value
    }

    // MARK: Many statements

    /// Sends all statements at once and then waits for all of them; outside a transaction, they form one. After the
    /// first error the others are not executed. Each entry gets its own result.
    /// - Throws: `PostgresError`: the first.
    func run(_ entries: [Pipeline.Entry]) throws(PostgresError) {
        for entry in entries { entry.reply.reset() }
        guard PQenterPipelineMode(handle) == 1 else { throw lost }
        var sent: [Sent] = []
        let isSent = entries.allSatisfy { send($0, &sent) } && PQpipelineSync(handle) == 1
        if !isSent { isGivenUp = true }
        roundTrips += 1
        let deadline = timeout > .zero ? ContinuousClock.now + timeout * entries.count + Self.replySlack : nil
        var failure: PostgresError?
        for part in sent {
            do throws(PostgresError) {
                let rows = try check(isSent ? next(until: deadline) : nil)
                switch part {
                case .preparation(let statement, let name, _): prepared[statement] = name
                case .execution(let entry): entry.reply.succeed(rows)
                }
            } catch {
                part.entry.reply.fail(error)
                failure = failure ?? error
            }
        }
        do throws(PostgresError) {
            if isSent { try endPipeline(until: deadline) }
        } catch {
            failure = failure ?? error
        }
        if let failure { throw failure }
        if !isSent { throw lost }
    }

    private enum Sent {
        case preparation(Statement, name: String, Pipeline.Entry)
        case execution(Pipeline.Entry)

        var entry: Pipeline.Entry {
            switch self {
            case .preparation(_, _, let entry), .execution(let entry): entry
            }
        }
    }

    private func send(_ entry: Pipeline.Entry, _ sent: inout [Sent]) -> Bool {
        guard let name = prepare(entry, &sent) else { return false }
        sent.append(.execution(entry))
        return Self.withBinary(entry.sql.parameters) { count, values, lengths, formats in
            PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1) == 1
        }
    }

    /// - Returns: the statement's name; nil if its preparation could not be sent.
    private func prepare(_ entry: Pipeline.Entry, _ sent: inout [Sent]) -> String? {
        if let name = preparedName(of: entry.sql) { return name }
        let statement = entry.sql.statement
        let name = statement.name
        let isPreparing = sent.contains { part in
            if case .preparation(statement, _, _) = part { true } else { false }
        }
        if isPreparing { return name }
        let types = statement.types
        guard PQsendPrepare(handle, name, statement.text, Int32(types.count), types) == 1 else { return nil }
        sent.append(.preparation(statement, name: name, entry))
        return name
    }

    /// The next result of what was sent; nil if the session is lost or was given up.
    private func next(until deadline: ContinuousClock.Instant?) -> OpaquePointer? {
        guard isUsable, isReady(until: deadline), let result = PQgetResult(handle) else { return nil }
        // A null ends the results of one statement.
        while isUsable, isReady(until: deadline), let more = PQgetResult(handle) { PQclear(more) }
        return result
    }

    private func endPipeline(until deadline: ContinuousClock.Instant?) throws(PostgresError) {
        var failure: PostgresError?
        var isEnded = false
        // At most an error that only the commit at the end of the pipeline found, a null after it, and the end.
        for _ in 0..<4 where !isEnded {
            guard isUsable, isReady(until: deadline) else { throw failure ?? lost }
            guard let result = PQgetResult(handle) else { continue }
            isEnded = PQresultStatus(result) == PGRES_PIPELINE_SYNC
            if isEnded {
                PQclear(result)
            } else {
                do throws(PostgresError) { _ = try check(result) } catch { failure = failure ?? error }
            }
        }
        guard PQexitPipelineMode(handle) == 1 else {
            isGivenUp = true
            throw failure ?? lost
        }
        if let failure { throw failure }
    }

    // MARK: Replies

    /// The last result of what was sent, awaited within the limit; nil if the connection is lost or was given up.
    private func reply() -> OpaquePointer? {
        roundTrips += 1
        let deadline = timeout > .zero ? ContinuousClock.now + timeout + Self.replySlack : nil
        var last: OpaquePointer?
        while true {
            guard isReady(until: deadline) else {
                PQclear(last)
                return nil
            }
            guard let result = PQgetResult(handle) else { return last }
            // As in PQexec: of several, the last one or the first error.
            if last == nil || PQresultStatus(last) != PGRES_FATAL_ERROR {
                PQclear(last)
                last = result
            } else {
                PQclear(result)
            }
            if PQstatus(handle) == CONNECTION_BAD { return last }
        }
    }

    /// Waits until a result is available. - Returns: false if the session is lost, or the limit has passed.
    private func isReady(until deadline: ContinuousClock.Instant?) -> Bool {
        while PQisBusy(handle) == 1 {
            guard waitForInput(until: deadline), PQconsumeInput(handle) == 1 else {
                isBroken = true
                return false
            }
        }
        return true
    }

    private func waitForInput(until deadline: ContinuousClock.Instant?) -> Bool {
        while true {
            // libpq may still have something to send.
            let events = Int16(PQflush(handle) == 1 ? POLLIN | POLLOUT : POLLIN)
            var socket = pollfd(fd: PQsocket(handle), events: events, revents: 0)
            let left = deadline.map { max(0, ContinuousClock.now.duration(to: $0) / .milliseconds(1)) }
            let ready = poll(&socket, 1, left.map { Int32(min($0 + 1, 60_000)) } ?? -1)
            if ready > 0, Int32(socket.revents) & (POLLIN | POLLERR | POLLHUP) != 0 { return true }
            if ready < 0, errno != EINTR { return false }
            if let deadline, ContinuousClock.now >= deadline {
                isGivenUp = true
                return false
            }
        }
    }

    /// - Throws: `PostgresError` for an error result; nil means a lost session.
    private func check(_ result: OpaquePointer?) throws(PostgresError) -> Rows {
        guard let result else { throw lost }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            return Rows(owning: result)
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            throw PostgresError(sqlState: "25P02", message: "an earlier statement of the same pipeline failed")
        default:
            let state = Notices.field(TOLLGATE_DIAG_SQLSTATE, of: result) ?? "08006"
            let text = Notices.field(TOLLGATE_DIAG_MESSAGE_PRIMARY, of: result) ?? message
            let error = PostgresError(
                sqlState: state,
                message: PoolerSigns.sqlStates.contains(state) ? "\(text): \(PoolerSigns.advice)" : text,
                constraint: Notices.field(TOLLGATE_DIAG_CONSTRAINT_NAME, of: result)
            )
            PQclear(result)
            if Self.staleStates.contains(state) { hasStaleStatements = true }
            throw error
        }
    }

    private var lost: PostgresError {
        PostgresError(
            sqlState: "08006", message: isGivenUp ? "the server did not answer in time" : notices.fatal ?? message)
    }

    /// libpq's last message.
    var message: String { source.redact(Self.message(of: handle)) }
}
