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
        array(of: T.postgresType, elements) { element, buffer in
            guard let element else { return false }
            element.encode(into: &buffer)
            return true
        }
    }

    /// - Parameter append: appends an element's binary form, and returns whether there was one; false is NULL.
    static func array<Element: Sendable>(
        of type: PostgresType,
        _ elements: [Element],
        _ append: @escaping @Sendable (Element, inout [UInt8]) -> Bool
    ) -> Parameter {
        Parameter(oid: type.arrayOID) { buffer in
            buffer.append(bigEndian: Int32(elements.isEmpty ? 0 : 1))
            // Whether there may be NULLs; PostgreSQL looks for itself.
            buffer.append(bigEndian: Int32(1))
            buffer.append(bigEndian: type.oid)
            if elements.isEmpty { return }
            buffer.append(bigEndian: Int32(elements.count))
            buffer.append(bigEndian: Int32(1))
            for element in elements {
                let start = buffer.count
                buffer.append(bigEndian: Int32(0))
                let length = append(element, &buffer) ? Int32(buffer.count - start - 4) : -1
                buffer.withUnsafeMutableBytes { bytes in
                    bytes.storeBytes(of: length.bigEndian, toByteOffset: start, as: Int32.self)
                }
            }
        }
    }
}
