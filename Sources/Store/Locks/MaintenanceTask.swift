// SPDX-License-Identifier: Apache-2.0

import Postgres

/// What one process at a time does. Its lock is a row, which only who may write the table can take: advisory locks anybody
/// can take who may connect.
enum MaintenanceTask: String {
    case sweep, retention

    /// Takes the task until the end of the transaction.
    /// - Returns: false where another session has it.
    func begin(_ connection: Connection) throws -> Bool {
        try connection.execute(
            "SELECT FROM tollgate.maintenance WHERE task = \(rawValue) FOR UPDATE SKIP LOCKED"
        ).count > 0
    }

    /// Keeps it from others until the end of the transaction, without doing it; several may at once.
    var prevention: SQL { "SELECT FROM tollgate.maintenance WHERE task = \(rawValue) FOR SHARE" }

    /// Who has it or keeps it from others, as far as may be known.
    static func holders(_ connection: Connection) throws -> [String] {
        try LockHolders.find("tollgate.maintenance", connection)
    }
}
