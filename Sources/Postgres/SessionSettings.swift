/// What every session of one `Database` is opened with. Zero means no limit, as in PostgreSQL.
public struct SessionSettings: Sendable {
    public var applicationName: String
    /// Waiting for a connection, per host; libpq rounds to whole seconds, 2 at least.
    public var connectTimeout: Duration
    public var statementTimeout: Duration
    public var lockTimeout: Duration
    public var idleInTransactionTimeout: Duration
    /// Whether a commit waits for the disk. Off only for what may be lost with the server, but not with this process.
    public var isDurable: Bool

    public init(
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
