import CLibPQ

/// The answer to one statement. Belongs to the thread of its connection: read it inside the closure.
package final class Rows: Sequence {
    private let result: OpaquePointer

    init(owning result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    package var count: Int { Int(PQntuples(result)) }

    /// Rows that an INSERT, UPDATE or DELETE touched.
    package var affected: Int {
        guard let text = PQcmdTuples(result) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// The command tag: `COMMIT` for what was committed, `ROLLBACK` where the transaction had failed before.
    var commandTag: String {
        PQcmdStatus(result).map { String(cString: $0) } ?? ""
    }

    package struct Row {
        fileprivate let rows: Rows
        fileprivate let index: Int32

        /// All columns in order: `let (id, amount) = try row.decode(String.self, Int64?.self)`.
        package func decode<each T: PostgresColumn>(_ types: repeat (each T).Type) throws -> (repeat each T) {
            var column: Int32 = 0
            return (repeat try next(each types, &column))
        }

        private func next<T: PostgresColumn>(_ type: T.Type, _ column: inout Int32) throws -> T {
            defer { column += 1 }
            guard column < PQnfields(rows.result) else { throw mismatch(column, T.self) }
            let oid = PQftype(rows.result, column)
            let isNull = PQgetisnull(rows.result, index, column) != 0
            let bytes = UnsafeRawBufferPointer(
                start: PQgetvalue(rows.result, index, column),
                count: Int(PQgetlength(rows.result, index, column))
            )
            guard let value = T.column(isNull ? nil : bytes, oid: oid) else { throw mismatch(column, T.self) }
            return value
        }

        private func mismatch(_ column: Int32, _ type: Any.Type) -> PostgresError {
            let name = PQfname(rows.result, column).map { String(cString: $0) } ?? "\(column)"
            let oid = PQftype(rows.result, column)
            return PostgresError(sqlState: "42804", message: "column \(name) of type \(oid) is not a \(type)")
        }
    }

    package struct Iterator: IteratorProtocol {
        fileprivate let rows: Rows
        fileprivate var index = 0

        package mutating func next() -> Row? {
            guard index < rows.count else { return nil }
            defer { index += 1 }
            return Row(rows: rows, index: Int32(index))
        }
    }

    package func makeIterator() -> Iterator { Iterator(rows: self) }

    package var first: Row? { count > 0 ? Row(rows: self, index: 0) : nil }
}

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
extension PostgresTimestamp: PostgresColumn {}
extension Duration: PostgresColumn {}

extension Optional: PostgresColumn where Wrapped: PostgresCodable {
    package static func column(_ bytes: UnsafeRawBufferPointer?, oid: UInt32) -> Wrapped?? {
        guard let bytes else { return .some(nil) }
        return Wrapped.decode(bytes, oid: oid).map(Optional.some)
    }
}
