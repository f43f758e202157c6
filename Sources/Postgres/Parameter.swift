// SPDX-License-Identifier: Apache-2.0

/// One `$n` of a statement: a typed value in PostgreSQL's binary form, or NULL.
struct Parameter: Sendable {
    let oid: UInt32
    /// Appends the binary form; nil is NULL.
    let encode: (@Sendable (inout [UInt8]) -> Void)?

    static func value<T: PostgresCodable>(_ value: T?) -> Parameter {
        guard let value else { return Parameter(oid: T.postgresType.oid, encode: nil) }
        return Parameter(oid: T.postgresType.oid) { value.encode(into: &$0) }
    }

    /// A one-dimensional array, for `unnest(…)` and `= ANY (…)`.
    static func array<T: PostgresCodable>(_ elements: [T?]) -> Parameter {
        Parameter(oid: T.postgresType.arrayOID) { buffer in
            buffer.append(bigEndian: Int32(elements.isEmpty ? 0 : 1))
            buffer.append(bigEndian: Int32(elements.contains { $0 == nil } ? 1 : 0))
            buffer.append(bigEndian: T.postgresType.oid)
            if elements.isEmpty { return }
            buffer.append(bigEndian: Int32(elements.count))
            buffer.append(bigEndian: Int32(1))
            for element in elements {
                guard let element else {
                    buffer.append(bigEndian: Int32(-1))
                    continue
                }
                let start = buffer.count
                buffer.append(bigEndian: Int32(0))
                element.encode(into: &buffer)
                let length = Int32(buffer.count - start - 4)
                withUnsafeBytes(of: length.bigEndian) { bytes in
                    buffer.replaceSubrange(start..<start + 4, with: bytes)
                }
            }
        }
    }
}
