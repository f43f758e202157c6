// SPDX-License-Identifier: Apache-2.0

import Postgres

/// A task for one process at a time. Its lock is a row, which only somebody who may write the table can lock; anybody
/// who may connect can take an advisory lock.
enum MaintenanceTask: String {
    case sweep, retention

    /// Takes the task until the end of the transaction.
    /// - Returns: false if another session has it.
    func begin(_ connection: Connection) throws -> Bool {
        try connection.execute(
            "SELECT FROM tollgate.maintenance WHERE task = \(rawValue) FOR UPDATE SKIP LOCKED"
        ).count > 0
    }

    /// Keeps it from others until the end of the transaction, without doing it; several sessions may at once.
    var prevention: SQL { "SELECT FROM tollgate.maintenance WHERE task = \(rawValue) FOR SHARE" }

    /// Who has it or keeps it from others, as far as we may know.
    static func holders(_ connection: Connection) throws -> [String] {
        try LockHolders.find("tollgate.maintenance", connection)
    }
}
