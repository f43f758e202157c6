// SPDX-License-Identifier: Apache-2.0

import Postgres

/// A task that one process has for some time, while it waits for what is not in the database. A process that dies keeps it
/// to the end of that time. Two that both think that they have it do no harm: what they save depends on what they began
/// from.
enum Lease: String {
    case reconciliation, fetches

    /// For how long it is taken, or taken anew.
    static let time: Duration = .seconds(60)

    /// - Parameter holder: drawn at random, once in a process.
    /// - Returns: false if another process has it.
    func take(for holder: String, _ connection: Connection) throws -> Bool {
        try connection.execute(
            """
            UPDATE tollgate.lease
            SET holder = \(holder), ends_at = clock_timestamp() + make_interval(secs => \(Self.time.components.seconds))
            WHERE task = \(rawValue)
              AND (holder = \(holder) OR ends_at <= clock_timestamp()
                   -- PostgreSQL's clock was ahead when it was taken.
                   OR ends_at > clock_timestamp() + 2 * make_interval(secs => \(Self.time.components.seconds)))
            RETURNING task
            """
        ).count > 0
    }
}
