/// A PostgreSQL type by its OID in `pg_type`.
public struct PostgresType: Sendable, Hashable {
    public let oid: UInt32
    let arrayOID: UInt32

    public static let bool = PostgresType(oid: 16, arrayOID: 1000)
    public static let bytea = PostgresType(oid: 17, arrayOID: 1001)
    public static let int8 = PostgresType(oid: 20, arrayOID: 1016)
    public static let int4 = PostgresType(oid: 23, arrayOID: 1007)
    public static let text = PostgresType(oid: 25, arrayOID: 1009)
    public static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185)
    public static let interval = PostgresType(oid: 1186, arrayOID: 1187)
}

/// A Swift value with one PostgreSQL type and its binary form.
public protocol PostgresCodable: Sendable {
    static var postgresType: PostgresType { get }

    func encode(into buffer: inout [UInt8])

    /// Reads the binary form; `oid` is what the server sent.
    static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Self?
}

extension Int64: PostgresCodable {
    public static var postgresType: PostgresType { .int8 }

    public func encode(into buffer: inout [UInt8]) {
        buffer.append(bigEndian: self)
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Int64? {
        switch (oid, bytes.count) {
        case (20, 8): Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case (23, 4): Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case (21, 2): Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        default: nil
        }
    }
}

extension Int: PostgresCodable {
    public static var postgresType: PostgresType { .int8 }

    public func encode(into buffer: inout [UInt8]) {
        Int64(self).encode(into: &buffer)
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Int? {
        Int64.decode(bytes, oid: oid).flatMap(Int.init(exactly:))
    }
}

extension Bool: PostgresCodable {
    public static var postgresType: PostgresType { .bool }

    public func encode(into buffer: inout [UInt8]) {
        buffer.append(self ? 1 : 0)
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Bool? {
        oid == 16 && bytes.count == 1 ? bytes[0] != 0 : nil
    }
}

extension String: PostgresCodable {
    public static var postgresType: PostgresType { .text }

    public func encode(into buffer: inout [UInt8]) {
        buffer.append(contentsOf: utf8)
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> String? {
        // text, varchar, name, unknown, json: their binary form is their text.
        [25, 1043, 19, 705, 114].contains(oid) ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

extension Array: PostgresCodable where Element == UInt8 {
    public static var postgresType: PostgresType { .bytea }

    public func encode(into buffer: inout [UInt8]) {
        buffer.append(contentsOf: self)
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> [UInt8]? {
        oid == 17 ? [UInt8](bytes) : nil
    }
}

/// `timestamptz` as microseconds since 1970-01-01T00:00:00Z. (PostgreSQL counts from 2000.)
public struct PostgresTimestamp: PostgresCodable, Hashable {
    public let microseconds: Int64
    private static let year2000: Int64 = 946_684_800_000_000

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public static var postgresType: PostgresType { .timestamptz }

    public func encode(into buffer: inout [UInt8]) {
        buffer.append(bigEndian: microseconds &- Self.year2000)
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> PostgresTimestamp? {
        guard oid == 1184, bytes.count == 8 else { return nil }
        let value = Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        return PostgresTimestamp(microseconds: value &+ year2000)
    }
}

extension Duration: PostgresCodable {
    public static var postgresType: PostgresType { .interval }

    /// Microseconds, then no days and no months: a day here is 24 hours.
    public func encode(into buffer: inout [UInt8]) {
        let (seconds, attoseconds) = components
        buffer.append(bigEndian: seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000)
        buffer.append(bigEndian: Int64(0))
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Duration? {
        guard oid == 1186, bytes.count == 16 else { return nil }
        guard bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self) == 0 else { return nil }
        return .microseconds(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
