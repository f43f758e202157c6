import CLibPQ
import Glibc

/// One libpq connection. Blocking, and used by one thread at a time: `Database` lends it to a closure.
/// Not `Sendable` on purpose, so that it cannot leave that closure.
package final class Connection {
    private let handle: OpaquePointer
    /// The longest that any reply is waited for; nil where statements may take as long as they like. A server that is
    /// gone without a word (a half-open connection) keeps none of its own limits.
    private var replyLimit: Duration?
    private let source: DataSource
    private let settings: SessionSettings
    private let notices = Notices()
    /// Statements are literals, so their address names them; each is prepared once per connection.
    private var prepared: [UnsafePointer<UInt8>: String] = [:]
    private var announced: [String] = []
    /// A reply did not come in time: whatever comes later belongs to nobody.
    private var isGivenUp = false
    /// What the server's own limit is given before the reply is given up.
    private static let replySlack: Duration = .seconds(1)

    /// Opens a session and applies `settings`. Blocks for at most the connect time-out of each host.
    init(_ source: DataSource, settings: SessionSettings) throws(PostgresError) {
        // What stands before `dbname` is a default that the data source may override.
        let options: [(String, String)] = [
            ("fallback_application_name", settings.applicationName),
            ("connect_timeout", "\(max(2, settings.connectTimeout.components.seconds))"),
            ("keepalives_idle", "15"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", "20000"),
            // Of several hosts the one that takes writes; a failover moves it.
            ("target_session_attrs", "read-write"),
            ("dbname", source.conninfo),
            ("client_encoding", "UTF8"),
        ]
        // Nor may it get as far as libpq's message, which would quote it.
        if case .failure(let fault) = source.settings {
            throw PostgresError(sqlState: "08001", message: "DATABASE_URL: \(fault)", connectFailure: .unusable)
        }
        guard let handle = Self.withOptions(options, { PQconnectdbParams($0, $1, 1) }) else {
            throw PostgresError(sqlState: "53200", message: "libpq is out of memory")
        }
        guard PQstatus(handle) == CONNECTION_OK || Self.isServerRefusal(handle) && Self.askWhy(handle) else {
            let error = Self.failure(handle, source)
            PQfinish(handle)
            throw error
        }
        // So that sending too is waited for here, within the limit.
        PQsetnonblocking(handle, 1)
        self.handle = handle
        self.source = source
        self.settings = settings
        replyLimit = Self.replyLimit(settings.statementTimeout)
        watchNotices()
        // A server that acknowledges before it has written would break "durable before 2xx". The locks of a process that
        // has died vanish within a second, also where its statement still waits. Whatever is asked has an index, and a plan
        // that was made while a table was empty must not read all of it once it is full.
        try execute(
            """
            SELECT set_config('statement_timeout', $1, false),
                   set_config('lock_timeout', $2, false),
                   set_config('idle_in_transaction_session_timeout', $3, false),
                   set_config('synchronous_commit',
                              CASE WHEN NOT $4 THEN 'off'
                                   WHEN current_setting('synchronous_commit') = 'off' THEN 'on'
                                   ELSE current_setting('synchronous_commit') END, false),
                   set_config('client_connection_check_interval', '1s', false),
                   set_config('enable_seqscan', 'off', false),
                   set_config('jit', 'off', false),
                   set_config('search_path', 'pg_catalog', false)
            """,
            .value(Self.milliseconds(settings.statementTimeout)),
            .value(Self.milliseconds(settings.lockTimeout)),
            .value(Self.milliseconds(settings.idleInTransactionTimeout)),
            .value(settings.isDurable)
        )
    }

    deinit {
        PQfinish(handle)
    }

    /// Whether the session still stands, as far as libpq knows.
    package var isUsable: Bool { !isGivenUp && notices.fatal == nil && PQstatus(handle) == CONNECTION_OK }

    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Runs one statement with its parameters; results come in binary form. The statement is a literal, so
    /// nothing can be concatenated into it.
    @discardableResult
    package func execute(_ sql: StaticString, _ parameters: Parameter...) throws(PostgresError) -> Rows {
        try execute(sql, parameters)
    }

    private func execute(_ sql: StaticString, _ parameters: [Parameter]) throws(PostgresError) -> Rows {
        let name = try prepare(sql, parameters)
        var buffer: [UInt8] = []
        var ranges: [Range<Int>?] = []
        for parameter in parameters {
            guard let encode = parameter.encode else {
                ranges.append(nil)
                continue
            }
            let start = buffer.count
            encode(&buffer)
            ranges.append(start..<buffer.count)
        }
        buffer.append(0)  // so that an empty last value still has an address
        let lengths = ranges.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: ranges.count)
        let result = buffer.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            let start = bytes.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }
            let values = ranges.map { range in range.flatMap { range in start.map { $0 + range.lowerBound } } }
            guard PQsendQueryPrepared(handle, name, Int32(values.count), values, lengths, formats, 1) == 1 else {
                return nil
            }
            return reply()
        }
        return try check(result)
    }

    /// Runs a whole script of statements without parameters: migrations, and BEGIN and its kin.
    @discardableResult
    package func executeScript(_ sql: String) throws(PostgresError) -> Rows {
        try check(PQsendQuery(handle, sql) == 1 ? reply() : nil)
    }

    /// Runs one statement that is a transaction of its own: one round trip instead of three.
    /// - Throws: `PostgresError`; SQLSTATE 08007 where it is unknown whether it is, or will be, durable.
    @discardableResult
    package func executeAlone(_ sql: StaticString, _ parameters: Parameter...) throws(PostgresError) -> Rows {
        // Nothing is done before it is executed, so its preparation has no unknown outcome.
        _ = try prepare(sql, parameters)
        return try committing { () throws(PostgresError) in try execute(sql, parameters) }
    }

    /// Tells whoever listens to a channel, and this process, once this transaction is committed.
    /// - Parameter words: without spaces. As many as fit travel in one notification, separated by spaces.
    package func announce(_ words: [String], on channel: String) throws(PostgresError) {
        var payloads: [String] = []
        for word in words {
            // PostgreSQL's limit is 8000 bytes, less one.
            if let last = payloads.last, last.utf8.count + 1 + word.utf8.count < 8000 {
                payloads[payloads.count - 1] = "\(last) \(word)"
            } else {
                payloads.append(word)
            }
        }
        try execute(
            "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS p (payload)", .value(channel), .array(payloads))
        announced += words
    }

    /// What was announced in the transaction that has just ended.
    func takeAnnounced() -> [String] {
        defer { announced = [] }
        return announced
    }

    /// The words that were announced on the channels this session listens to, waited for at most `limit`.
    /// - Throws: `PostgresError` where the session is lost.
    package func heard(within limit: Duration) throws(PostgresError) -> [String] {
        var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        let ready = poll(&socket, 1, Int32(limit / .milliseconds(1)))
        guard ready >= 0 || errno == EINTR, ready <= 0 || PQconsumeInput(handle) == 1 else {
            throw PostgresError(sqlState: "08006", message: message)
        }
        var words: [String] = []
        while let notification = PQnotifies(handle) {
            words += String(cString: notification.pointee.extra).split(separator: " ").map(String.init)
            PQfreemem(notification)
        }
        return words
    }

    /// Gives the statements of this transaction more time than the session's, here and at the server.
    package func extendTimeout(to limit: Duration) throws(PostgresError) {
        try execute("SELECT set_config('statement_timeout', $1, true)", .value(Self.milliseconds(limit)))
        replyLimit = Self.replyLimit(limit)
    }

    /// Back to the session's limits, as the server's are after each transaction.
    func endTransaction() {
        replyLimit = Self.replyLimit(settings.statementTimeout)
    }

    private static func replyLimit(_ statementTimeout: Duration) -> Duration? {
        statementTimeout > .zero ? statementTimeout + replySlack : nil
    }

    /// Commits. - Throws: `PostgresError` with SQLSTATE 08007 where it is unknown whether that is, or will be, durable.
    func commit() throws(PostgresError) {
        let answer = try committing { () throws(PostgresError) in try executeScript("COMMIT") }
        guard answer.commandTag == "COMMIT" else {
            throw PostgresError(sqlState: "25P02", message: "the transaction had failed and was rolled back")
        }
    }

    /// Runs what commits.
    private func committing(_ body: () throws(PostgresError) -> Rows) throws(PostgresError) -> Rows {
        // Nothing was sent that could have been done.
        if isClosedByServer { throw PostgresError(sqlState: "08006", message: notices.fatal ?? message) }
        notices.hasUnreplicated = false
        let rows: Rows
        do throws(PostgresError) {
            rows = try body()
        } catch  where error.isConnectionLoss {
            throw .unknownOutcome(error.message)
        }
        if notices.hasUnreplicated { throw .unknownOutcome("the synchronous standby did not confirm the commit") }
        return rows
    }

    /// Whether the server has ended the session while nothing was asked of it: whatever is sent then is not done, though
    /// nobody could tell. What else it says unasked, notices and changed settings, is no reason.
    var isClosedByServer: Bool {
        // Its last words come before the end of the stream, so all that has arrived is read; who talks on and on is not
        // waited for.
        for _ in 0..<16 where PQstatus(handle) == CONNECTION_OK && notices.fatal == nil {
            var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            guard poll(&socket, 1, 0) != 0 else { return false }
            guard PQconsumeInput(handle) == 1 else { return true }
            // Interprets what was read.
            _ = PQisBusy(handle)
        }
        return true
    }

    private func prepare(_ sql: StaticString, _ parameters: [Parameter]) throws(PostgresError) -> String {
        if let name = prepared[sql.utf8Start] { return name }
        let types = parameters.map { Oid($0.oid) }
        let name = StatementName.of(sql, types: types)
        let text = sql.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
        _ = try check(PQsendPrepare(handle, name, text, Int32(types.count), types) == 1 ? reply() : nil)
        prepared[sql.utf8Start] = name
        return name
    }

    /// The last result of what was sent, waited for within the limit; nil where the connection is lost or was given up.
    private func reply() -> OpaquePointer? {
        let deadline = replyLimit.map { ContinuousClock.now + $0 }
        var last: OpaquePointer?
        while true {
            while PQisBusy(handle) == 1 {
                guard waitForInput(until: deadline), PQconsumeInput(handle) == 1 else {
                    PQclear(last)
                    return nil
                }
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

    /// - Returns: false once the limit has passed; the connection is of no more use then.
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

    private func check(_ result: OpaquePointer?) throws(PostgresError) -> Rows {
        guard let result else {
            let message = isGivenUp ? "the server did not answer in time" : self.message
            throw PostgresError(sqlState: "08006", message: message)
        }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            return Rows(owning: result)
        default:
            let state = Self.field(TOLLGATE_DIAG_SQLSTATE, of: result) ?? "08006"
            let text = Self.field(TOLLGATE_DIAG_MESSAGE_PRIMARY, of: result) ?? message
            let error = PostgresError(
                sqlState: state,
                message: PoolerSigns.sqlStates.contains(state) ? "\(text): \(PoolerSigns.advice)" : text,
                constraint: Self.field(TOLLGATE_DIAG_CONSTRAINT_NAME, of: result)
            )
            PQclear(result)
            throw error
        }
    }

    /// Notices belong in PostgreSQL's own log, not on our standard error. Two of them matter.
    private func watchNotices() {
        // They live as long as this connection, and libpq calls only while it is being used.
        let notices = Unmanaged.passUnretained(notices).toOpaque()
        _ = PQsetNoticeReceiver(
            handle,
            { notices, notice in
                guard let notices else { return }
                let seen = Unmanaged<Notices>.fromOpaque(notices).takeUnretainedValue()
                // "canceling wait for synchronous replication": the only warning that a commit can bring.
                if Connection.field(TOLLGATE_DIAG_SQLSTATE, of: notice) == "01000" { seen.hasUnreplicated = true }
                // Libpq takes an error that nothing was asked before for a notice.
                let severity = Connection.field(TOLLGATE_DIAG_SEVERITY_NONLOCALIZED, of: notice)
                guard severity == "FATAL" || severity == "PANIC" else { return }
                seen.fatal =
                    Connection.field(TOLLGATE_DIAG_MESSAGE_PRIMARY, of: notice) ?? "the server ended the session"
            },
            notices
        )
    }

    /// What libpq's callback leaves for its connection.
    private final class Notices {
        /// A COMMIT was answered, but a synchronous standby was not waited for to the end.
        var hasUnreplicated = false
        /// Why the server has ended the session.
        var fatal: String?
    }

    /// Calls libpq with options as it takes them.
    static func withOptions<T>(
        _ options: [(String, String)],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> T
    ) -> T {
        // strdup keeps the C strings alive for the call without nesting a closure per option.
        let keywords = options.map { UnsafePointer(strdup($0.0)) } + [nil]
        let values = options.map { UnsafePointer(strdup($0.1)) } + [nil]
        defer {
            for string in keywords + values { free(UnsafeMutableRawPointer(mutating: string)) }
        }
        return body(keywords, values)
    }

    private static func field(_ code: Int32, of result: OpaquePointer?) -> String? {
        PQresultErrorField(result, code).map { String(cString: $0) }
    }

    private var message: String { source.redact(Self.message(of: handle)) }

    /// libpq's message in one line.
    static func message(of handle: OpaquePointer) -> String {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ").split(separator: "\t").joined()
        return line.isEmpty ? "the connection was lost" : line
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)"
    }
}
