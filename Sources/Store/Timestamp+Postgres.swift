import Postgres
import Stripe

extension Timestamp: PostgresCodable, PostgresColumn {
    public static var postgresType: PostgresType { .timestamptz }

    public func encode(into buffer: inout [UInt8]) {
        PostgresTimestamp(microseconds: microseconds).encode(into: &buffer)
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Timestamp? {
        PostgresTimestamp.decode(bytes, oid: oid).map { Timestamp(microseconds: $0.microseconds) }
    }
}
