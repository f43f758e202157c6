import Postgres

extension Store {
    /// Whether an error means that the database is away or overloaded, rather than that something is wrong.
    public static func isOutage(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.isTransient
        case is Inbox.Unavailable: true
        default: false
        }
    }
}
