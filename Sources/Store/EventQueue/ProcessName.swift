// SPDX-License-Identifier: Apache-2.0

import Postgres
import Synchronization

/// The number under which this process is registered. Its session holds an advisory lock of that number for as long as
/// the process lives. Anybody who may connect can take such a lock, so only sessions that may write the registry count
/// for a process, and if somebody else has taken the number, the process uses another.
final class ProcessName: Sendable {
    /// The class of Tollgate's advisory locks for processes: the first of two keys.
    private static let lockClass = 8_655_422

    private let number: Mutex<Int>

    init(_ number: Int) {
        self.number = Mutex(number)
    }

    /// Makes sure that this session holds the process's lock.
    /// - Returns: its number from now on.
    @discardableResult
    func hold(_ connection: Connection) throws -> Int {
        try confirm(try connection.execute(lock), connection)
    }

    /// Takes the lock, for use in a pipeline. Taken as often as it is requested, and held until the session ends.
    var lock: SQL { Self.lock(number.withLock { $0 }) }

    /// - Parameter answer: what `lock` returned in this session: if the number is taken, the process uses another.
    /// - Returns: its number from now on.
    @discardableResult
    func confirm(_ answer: Rows, _ connection: Connection) throws -> Int {
        let current = number.withLock { $0 }
        var next = current
        var isHeld: Bool = try answer.only["is_held"]
        while !isHeld {
            next = Int(Int32.random(in: 1 ... .max))
            isHeld = try connection.execute(Self.lock(next)).only["is_held"]
        }
        guard next != current else { return current }
        try connection.execute(
            """
            UPDATE tollgate.worker SET process = \(next)::bigint::integer WHERE process = \(current)::bigint::integer
            """)
        number.withLock { $0 = next }
        return next
    }

    /// All processes that a session stands for.
    static func alive(_ connection: Connection) throws -> Set<Int> {
        let rows = try connection.execute(
            """
            SELECT l.objid::bigint AS process
            FROM pg_locks l
            JOIN pg_stat_activity a ON a.pid = l.pid
            JOIN pg_database d ON d.oid = l.database
            WHERE l.locktype = 'advisory' AND l.classid = \(lockClass)::bigint::oid AND l.objsubid = 2 AND l.granted
              AND d.datname = current_database() AND has_table_privilege(a.usesysid, 'tollgate.worker', 'UPDATE')
            """)
        return Set(try rows.map { try $0["process"] })
    }

    private static func lock(_ number: Int) -> SQL {
        "SELECT pg_try_advisory_lock(\(lockClass)::bigint::integer, \(number)::bigint::integer) AS is_held"
    }
}
