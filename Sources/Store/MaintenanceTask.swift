import Postgres

/// What one process at a time does. Its lock is a row, which only who may write the table can take: advisory locks anybody
/// can take who may connect.
enum MaintenanceTask: String {
    case sweep, retention

    /// Takes the task until the end of the transaction.
    /// - Returns: false where another session has it.
    func begin(_ connection: Connection) throws -> Bool {
        try connection.execute(
            "SELECT FROM tollgate.maintenance WHERE task = $1 FOR UPDATE SKIP LOCKED", .value(rawValue)
        ).count > 0
    }

    /// Keeps it from others until the end of the transaction, without doing it; several may at once.
    func prevent(_ connection: Connection) throws {
        try connection.execute("SELECT FROM tollgate.maintenance WHERE task = $1 FOR SHARE", .value(rawValue))
    }

    /// Who has it or keeps it from others, as far as may be known.
    static func holders(_ connection: Connection) throws -> [String] {
        try connection.execute(
            """
            SELECT DISTINCT 'pid ' || l.pid || coalesce(' (' || nullif(a.application_name, '') || ')', '')
            FROM pg_locks l
            JOIN pg_database d ON d.oid = l.database
            LEFT JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.relation = 'tollgate.maintenance'::regclass AND d.datname = current_database() AND l.granted
              AND l.pid <> pg_backend_pid()
            ORDER BY 1
            LIMIT 10
            """
        ).map { try $0.decode(String.self) }
    }
}
