import CLibPQ
import Glibc

/// One libpq connection. Blocking, and used by one thread at a time: `Database` lends it to a closure.
/// Not `Sendable` on purpose, so that it cannot leave that closure.
public final class Connection {
    private let handle: OpaquePointer
    /// Statements are literals, so their address names them; each is prepared once per connection.
    private var prepared: [UnsafePointer<UInt8>: String] = [:]

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
            ("dbname", source.conninfo),
            ("client_encoding", "UTF8"),
        ]
        guard let handle = Self.connect(options) else {
            throw PostgresError(sqlState: "53200", message: "libpq is out of memory")
        }
        guard PQstatus(handle) == CONNECTION_OK else {
            let error = PostgresError(sqlState: "08001", message: Self.message(of: handle))
            PQfinish(handle)
            throw error
        }
        // PostgreSQL's notices belong in its own log, not on our standard error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        self.handle = handle
        // A server that acknowledges before it has written would break "durable before 2xx".
        try execute(
            """
            SELECT set_config('statement_timeout', $1, false),
                   set_config('lock_timeout', $2, false),
                   set_config('idle_in_transaction_session_timeout', $3, false),
                   set_config('synchronous_commit',
                              CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
                                   ELSE current_setting('synchronous_commit') END, false),
                   set_config('search_path', 'pg_catalog', false)
            """,
            .value(Self.milliseconds(settings.statementTimeout)),
            .value(Self.milliseconds(settings.lockTimeout)),
            .value(Self.milliseconds(settings.idleInTransactionTimeout))
        )
    }

    deinit {
        PQfinish(handle)
    }

    /// Whether the session still stands, as far as libpq knows.
    public var isUsable: Bool { PQstatus(handle) == CONNECTION_OK }

    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Runs one statement with its parameters; results come in binary form. The statement is a literal, so
    /// nothing can be concatenated into it.
    @discardableResult
    public func execute(_ sql: StaticString, _ parameters: Parameter...) throws(PostgresError) -> Rows {
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
            return PQexecPrepared(handle, name, Int32(values.count), values, lengths, formats, 1)
        }
        return try check(result)
    }

    /// Runs a whole script of statements without parameters: migrations, and BEGIN and its kin.
    @discardableResult
    public func executeScript(_ sql: String) throws(PostgresError) -> Rows {
        try check(PQexec(handle, sql))
    }

    private func prepare(_ sql: StaticString, _ parameters: [Parameter]) throws(PostgresError) -> String {
        if let name = prepared[sql.utf8Start] { return name }
        let name = "s\(prepared.count)"
        let types = parameters.map { Oid($0.oid) }
        let text = sql.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
        _ = try check(PQprepare(handle, name, text, Int32(types.count), types))
        prepared[sql.utf8Start] = name
        return name
    }

    private func check(_ result: OpaquePointer?) throws(PostgresError) -> Rows {
        guard let result else {
            throw PostgresError(sqlState: "08006", message: Self.message(of: handle))
        }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            return Rows(owning: result)
        default:
            let error = PostgresError(
                sqlState: Self.field(TOLLGATE_DIAG_SQLSTATE, of: result) ?? "08006",
                message: Self.field(TOLLGATE_DIAG_MESSAGE_PRIMARY, of: result) ?? Self.message(of: handle),
                constraint: Self.field(TOLLGATE_DIAG_CONSTRAINT_NAME, of: result)
            )
            PQclear(result)
            throw error
        }
    }

    private static func connect(_ options: [(String, String)]) -> OpaquePointer? {
        // strdup keeps the C strings alive for the call without nesting a closure per option.
        var keywords = options.map { UnsafePointer(strdup($0.0)) } + [nil]
        var values = options.map { UnsafePointer(strdup($0.1)) } + [nil]
        defer {
            for string in keywords + values { free(UnsafeMutableRawPointer(mutating: string)) }
        }
        return PQconnectdbParams(&keywords, &values, 1)
    }

    private static func field(_ code: Int32, of result: OpaquePointer) -> String? {
        PQresultErrorField(result, code).map { String(cString: $0) }
    }

    /// libpq's message in one line. It names host, port and user, never the password.
    private static func message(of handle: OpaquePointer) -> String {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ").split(separator: "\t").joined()
        return line.isEmpty ? "the connection was lost" : line
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)"
    }
}
