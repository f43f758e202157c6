// SPDX-License-Identifier: Apache-2.0

import Notation

/// A type that a column can be read as: a value, or an optional where it may be NULL.
package protocol PostgresColumn {
    static func column(_ bytes: UnsafeRawBufferPointer?, oid: UInt32) -> Self?
}

extension PostgresColumn where Self: PostgresCodable {
    package static func column(_ bytes: UnsafeRawBufferPointer?, oid: UInt32) -> Self? {
        bytes.flatMap { decode($0, oid: oid) }
    }
}

extension Int64: PostgresColumn {}
extension Int: PostgresColumn {}
extension Bool: PostgresColumn {}
extension String: PostgresColumn {}
extension Array: PostgresColumn where Element == UInt8 {}
extension Timestamp: PostgresColumn {}
extension JSON: PostgresColumn {}
extension Duration: PostgresColumn {}

extension Optional: PostgresColumn where Wrapped: PostgresCodable {
    package static func column(_ bytes: UnsafeRawBufferPointer?, oid: UInt32) -> Wrapped?? {
        guard let bytes else { return .some(nil) }
        return Wrapped.decode(bytes, oid: oid).map(Optional.some)
    }
}
