// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// The answer to one statement. Belongs to its connection's thread: read it inside the closure.
package final class Rows: Sequence {
    private let result: OpaquePointer
    /// By position; nil if several columns have the same name.
    private lazy var names = Self.names(of: result)
    private lazy var positions = Self.positions(of: names)
    /// Columns are mostly read in order: this is the one after the last that was read.
    private var expected = 0

    init(owning result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    package var count: Int { Int(PQntuples(result)) }

    /// The command tag: `COMMIT` if it was committed, `ROLLBACK` if the transaction had already failed.
    var commandTag: String {
        PQcmdStatus(result).map { String(cString: $0) } ?? ""
    }

    /// One row, valid as long as its answer exists.
    package struct Row {
        fileprivate let rows: Rows
        fileprivate let index: Int32

        /// The value of the column of this name: `let until: Timestamp? = try row["until"]`.
        /// - Throws: `PostgresError` that names the column, if there is none of that name, or it holds another type, or
        ///   NULL while the value cannot be nil.
        package subscript<T: PostgresColumn>(_ column: String) -> T {
            get throws(PostgresError) { try rows.value(index, rows.position(of: column)) }
        }

        /// All columns in order, for one or two that need no name: `let count = try row.decode(Int.self)`.
        /// - Throws: `PostgresError`.
        package func decode<each T: PostgresColumn>(_ types: repeat (each T).Type) throws -> (repeat each T) {
            var column: Int32 = 0
            return (repeat try next(each types, &column))
        }

        private func next<T: PostgresColumn>(_ type: T.Type, _ column: inout Int32) throws(PostgresError) -> T {
            defer { column += 1 }
            return try rows.value(index, column)
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

    /// The row of a statement that always returns one.
    /// - Throws: `PostgresError` if there is not exactly one.
    package var only: Row {
        get throws(PostgresError) {
            guard count == 1 else {
                throw PostgresError(sqlState: "21000", message: "the statement returned \(count) rows instead of one")
            }
            return Row(rows: self, index: 0)
        }
    }

    // MARK: Values

    /// - Throws: `PostgresError` if no column, or more than one, has the name.
    private func position(of name: String) throws(PostgresError) -> Int32 {
        var position = expected
        if position >= names.count || names[position] != name {
            guard let found = positions[name] else {
                let reason = names.contains(nil) ? "no column, or more than one, with the name" : "no column"
                throw PostgresError(sqlState: "42703", message: "the result has \(reason) \(name)")
            }
            position = found
        }
        expected = position + 1 == names.count ? 0 : position + 1
        return Int32(position)
    }

    private func value<T: PostgresColumn>(_ row: Int32, _ column: Int32) throws(PostgresError) -> T {
        guard column < PQnfields(result) else { throw mismatch(column, T.self, isNull: false) }
        let isNull = PQgetisnull(result, row, column) != 0
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
        guard let value = T.column(isNull ? nil : bytes, oid: PQftype(result, column)) else {
            throw mismatch(column, T.self, isNull: isNull)
        }
        return value
    }

    private func mismatch(_ column: Int32, _ type: Any.Type, isNull: Bool) -> PostgresError {
        let name = PQfname(result, column).map { String(cString: $0) } ?? "\(column)"
        let found = isNull ? "is NULL and" : "of type \(PQftype(result, column)) is"
        return PostgresError(sqlState: "42804", message: "column \(name) \(found) not a \(type)")
    }

    private static func names(of result: OpaquePointer) -> [String?] {
        let names = (0..<PQnfields(result)).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
        return names.indices.map { index in
            names.indices.contains { $0 != index && names[$0] == names[index] } ? nil : names[index]
        }
    }

    private static func positions(of names: [String?]) -> [String: Int] {
        Dictionary(
            names.enumerated().compactMap { position, name in name.map { ($0, position) } },
            uniquingKeysWith: { first, _ in first })
    }
}
