// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Who holds a lock on one of our tables, to tell those who wait for it.
enum LockHolders {
    /// - Parameters:
    ///   - table: with its schema.
    ///   - besidesReaders: leaves out sessions that only read, or lock rows: they do not block a schema change.
    /// - Returns: at most 10, such as `pid 4711 (psql)`, as far as we may know.
    static func find(_ table: String, besidesReaders: Bool = false, _ connection: Connection) throws -> [String] {
        try connection.execute(
            """
            SELECT DISTINCT 'pid ' || l.pid || coalesce(' (' || nullif(a.application_name, '') || ')', '') AS holder
            FROM pg_locks l
            JOIN pg_database d ON d.oid = l.database
            LEFT JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.relation = \(table)::regclass AND d.datname = current_database() AND l.granted
              AND NOT (\(besidesReaders) AND l.mode IN ('AccessShareLock', 'RowShareLock')) AND l.pid <> pg_backend_pid()
            ORDER BY 1
            LIMIT 10
            """
        ).map { try $0["holder"] }
    }
}
