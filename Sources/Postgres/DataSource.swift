/// Where PostgreSQL is: a libpq URI or keyword string. Never printed, because it may hold a password.
public struct DataSource: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    let conninfo: String

    public init(_ conninfo: String) {
        self.conninfo = conninfo
    }

    public var description: String { "DataSource(redacted)" }
    public var debugDescription: String { description }
}
