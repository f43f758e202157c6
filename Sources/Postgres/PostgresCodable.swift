// SPDX-License-Identifier: Apache-2.0

import Notation

/// A PostgreSQL type by its OID in `pg_type`.
package struct PostgresType: Sendable, Hashable {
    package let oid: UInt32
    let arrayOID: UInt32

    package static let bool = PostgresType(oid: 16, arrayOID: 1000)
    package static let bytea = PostgresType(oid: 17, arrayOID: 1001)
    package static let int8 = PostgresType(oid: 20, arrayOID: 1016)
    package static let text = PostgresType(oid: 25, arrayOID: 1009)
    package static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185)
    package static let interval = PostgresType(oid: 1186, arrayOID: 1187)
    package static let numeric = PostgresType(oid: 1700, arrayOID: 1231)
    package static let jsonb = PostgresType(oid: 3802, arrayOID: 3807)
}

/// A Swift value with one PostgreSQL type and its binary form.
package protocol PostgresCodable: Sendable {
    static var postgresType: PostgresType { get }

    func encode(into buffer: inout [UInt8])

    /// Reads the binary form; `oid` is what the server sent.
    static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Self?
}

extension Int64: PostgresCodable {
    package static var postgresType: PostgresType { .int8 }

    package func encode(into buffer: inout [UInt8]) {
        buffer.append(bigEndian: self)
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Int64? {
        switch (oid, bytes.count) {
        case (20, 8): Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case (23, 4): Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case (21, 2): Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        default: nil
        }
    }
}

extension Int: PostgresCodable {
    package static var postgresType: PostgresType { .int8 }

    package func encode(into buffer: inout [UInt8]) {
        Int64(self).encode(into: &buffer)
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Int? {
        Int64.decode(bytes, oid: oid).flatMap(Int.init(exactly:))
    }
}

extension Bool: PostgresCodable {
    package static var postgresType: PostgresType { .bool }

    package func encode(into buffer: inout [UInt8]) {
        buffer.append(self ? 1 : 0)
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Bool? {
        oid == 16 && bytes.count == 1 ? bytes[0] != 0 : nil
    }
}

extension String: PostgresCodable {
    package static var postgresType: PostgresType { .text }

    package func encode(into buffer: inout [UInt8]) {
        buffer.append(contentsOf: utf8)
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> String? {
        // text, varchar, name, unknown, json: their binary form is their text.
        [25, 1043, 19, 705, 114].contains(oid) ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

extension Array: PostgresCodable where Element == UInt8 {
    package static var postgresType: PostgresType { .bytea }

    package func encode(into buffer: inout [UInt8]) {
        buffer.append(contentsOf: self)
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> [UInt8]? {
        oid == 17 ? [UInt8](bytes) : nil
    }
}

/// `timestamptz`; PostgreSQL counts microseconds from 2000.
extension Timestamp: PostgresCodable {
    private static let year2000: Int64 = 946_684_800_000_000

    package static var postgresType: PostgresType { .timestamptz }

    package func encode(into buffer: inout [UInt8]) {
        buffer.append(bigEndian: microseconds &- Self.year2000)
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Timestamp? {
        guard oid == 1184, bytes.count == 8 else { return nil }
        let value = Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        return Timestamp(microseconds: value &+ year2000)
    }
}

/// `jsonb`, whose binary form is its text after a version number.
extension JSON: PostgresCodable {
    private static let version: UInt8 = 1

    package static var postgresType: PostgresType { .jsonb }

    package func encode(into buffer: inout [UInt8]) {
        buffer.append(Self.version)
        buffer.append(contentsOf: bytes)
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> JSON? {
        guard oid == 3802, bytes.first == version else { return nil }
        return try? JSON(bytes: [UInt8](bytes.dropFirst()))
    }
}

extension Duration: PostgresCodable {
    package static var postgresType: PostgresType { .interval }

    /// Microseconds, then no days and no months: a day here is 24 hours.
    package func encode(into buffer: inout [UInt8]) {
        let (seconds, attoseconds) = components
        buffer.append(bigEndian: seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000)
        buffer.append(bigEndian: Int64(0))
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Duration? {
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
