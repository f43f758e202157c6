/// Why a connection string cannot be used, in words that hold nothing of it but keywords that libpq knows.
public struct DataSourceFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String

    public var description: String { reason }

    init(_ reason: String) {
        self.reason = reason
    }
}
