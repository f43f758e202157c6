import Postgres
import Synchronization

/// The number under which this process is on the roster. Its session holds an advisory lock of that number for as long as
/// the process lives. Anybody who may connect can take such a lock: so only the sessions of those who may write the
/// roster stand for a process, and where somebody else has taken the number, the process goes by another.
final class ProcessName: Sendable {
    /// Tollgate's advisory locks of processes, the first of two keys.
    private static let lockClass = 8_655_422

    private let number: Mutex<Int>

    init(_ number: Int) {
        self.number = Mutex(number)
    }

    /// Makes sure that this session stands for the process.
    /// - Returns: its number from now on.
    func hold(_ connection: Connection) throws -> Int {
        let current = number.withLock { $0 }
        var next = current
        while try !Self.lock(next, connection) { next = Int(Int32.random(in: 1 ... .max)) }
        guard next != current else { return current }
        try connection.execute(
            "UPDATE tollgate.worker SET process = $2::bigint::integer WHERE process = $1::bigint::integer",
            .value(current),
            .value(next)
        )
        number.withLock { $0 = next }
        return next
    }

    /// All that a session stands for.
    static func alive(_ connection: Connection) throws -> Set<Int> {
        let rows = try connection.execute(
            """
            SELECT l.objid::bigint
            FROM pg_locks l
            JOIN pg_stat_activity a ON a.pid = l.pid
            JOIN pg_database d ON d.oid = l.database
            WHERE l.locktype = 'advisory' AND l.classid = $1::bigint::oid AND l.objsubid = 2 AND l.granted
              AND d.datname = current_database() AND has_table_privilege(a.usesysid, 'tollgate.worker', 'UPDATE')
            """,
            .value(lockClass)
        )
        return Set(try rows.map { try $0.decode(Int.self) })
    }

    private static func lock(_ number: Int, _ connection: Connection) throws -> Bool {
        let rows = try connection.execute(
            "SELECT pg_try_advisory_lock($1::bigint::integer, $2::bigint::integer)",
            .value(lockClass),
            .value(number)
        )
        return try rows.first?.decode(Bool.self) ?? false
    }
}
