// SPDX-License-Identifier: Apache-2.0

/// The settings that every session of one `Database` is opened with. Zero means no limit, as in PostgreSQL.
package struct SessionSettings: Sendable {
    package var applicationName: String
    /// Time to wait for a connection, per host; libpq rounds to whole seconds, at least 2.
    package var connectTimeout: Duration
    package var statementTimeout: Duration
    package var lockTimeout: Duration
    package var idleInTransactionTimeout: Duration
    /// One statement that every session begins with, such as `SELECT set_config('jit', 'off', false)`.
    package var policy: SQL?

    package init(
        applicationName: String = "tollgate",
        connectTimeout: Duration = .seconds(3),
        statementTimeout: Duration = .seconds(30),
        lockTimeout: Duration = .seconds(10),
        idleInTransactionTimeout: Duration = .seconds(30),
        policy: SQL? = nil
    ) {
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.policy = policy
    }
}
