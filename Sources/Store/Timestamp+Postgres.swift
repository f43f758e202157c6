import Notation
import Postgres

extension Timestamp: PostgresCodable, PostgresColumn {
    package static var postgresType: PostgresType { .timestamptz }

    package func encode(into buffer: inout [UInt8]) {
        PostgresTimestamp(microseconds: microseconds).encode(into: &buffer)
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Timestamp? {
        PostgresTimestamp.decode(bytes, oid: oid).map { Timestamp(microseconds: $0.microseconds) }
    }
}
