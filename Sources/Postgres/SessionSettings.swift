/// What every session of one `Database` is opened with. Zero means no limit, as in PostgreSQL.
package struct SessionSettings: Sendable {
    package var applicationName: String
    /// Waiting for a connection, per host; libpq rounds to whole seconds, 2 at least.
    package var connectTimeout: Duration
    package var statementTimeout: Duration
    package var lockTimeout: Duration
    package var idleInTransactionTimeout: Duration
    /// Whether a commit waits for the disk. Off only for what may be lost with the server, but not with this process.
    package var isDurable: Bool

    package init(
        applicationName: String = "tollgate",
        connectTimeout: Duration = .seconds(3),
        statementTimeout: Duration = .seconds(30),
        lockTimeout: Duration = .seconds(10),
        idleInTransactionTimeout: Duration = .seconds(30),
        isDurable: Bool = true
    ) {
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.isDurable = isDurable
    }
}
