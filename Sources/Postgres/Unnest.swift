// SPDX-License-Identifier: Apache-2.0

/// Many rows as one table in a statement. Each column is written in one place together with its values, so that no
/// column list can be in a different order from its arrays. Made once for each kind of row.
///
/// ```swift
/// static let rows = Unnest<Price> {
///     Column.key("id", \.id)
///     Column("credits", \.credits)
/// }
/// try connection.execute("INSERT INTO price (\(rows.columns)) SELECT \(rows.columns) FROM \(rows.table(prices))")
/// ```
package struct Unnest<Row: Sendable>: Sendable {
    /// `id, credits`
    package let columns: SQL
    /// `credits = n.credits`, for `UPDATE … SET … FROM`: all columns but the key.
    package let assignments: SQL
    /// `credits = EXCLUDED.credits`, for `ON CONFLICT … DO UPDATE SET`: all columns but the key.
    package let replacements: SQL
    private let arrays: [Column]

    package init(@ColumnBuilder _ columns: () -> [Column]) {
        arrays = columns()
        self.columns = .joined(arrays.map(\.name), by: ", ")
        let others = arrays.filter { !$0.isKey }.map(\.name)
        assignments = .joined(others.map { "\($0) = n.\($0)" }, by: ", ")
        replacements = .joined(others.map { "\($0) = EXCLUDED.\($0)" }, by: ", ")
    }

    /// `unnest($1, $2) AS n (id, credits)`
    package func table(_ rows: [Row]) -> SQL {
        let values = SQL.joined(arrays.map { .parameter($0.array(rows)) }, by: ", ")
        return "unnest(\(values)) AS n (\(columns))"
    }

    /// One column and how a row fills it.
    package struct Column: Sendable {
        fileprivate let name: SQL
        fileprivate let isKey: Bool
        private let type: PostgresType
        /// Appends the binary form. - Returns: whether there was a value; false is NULL.
        private let append: @Sendable (Row, inout [UInt8]) -> Bool

        @usableFromInline
        package init(
            _ name: StaticString,
            isKey: Bool,
            _ type: PostgresType,
            _ append: @escaping @Sendable (Row, inout [UInt8]) -> Bool
        ) {
            self.name = SQL(stringLiteral: name)
            self.isKey = isKey
            self.type = type
            self.append = append
        }

        @inlinable
        package init<T: PostgresCodable>(_ name: StaticString, _ value: @escaping @Sendable (Row) -> T) {
            self.init(name, isKey: false, T.postgresType) { row, buffer in
                value(row).encode(into: &buffer)
                return true
            }
        }

        @inlinable
        package init<T: PostgresCodable>(_ name: StaticString, _ value: @escaping @Sendable (Row) -> T?) {
            self.init(name, isKey: false, T.postgresType) { row, buffer in
                guard let value = value(row) else { return false }
                value.encode(into: &buffer)
                return true
            }
        }

        /// A column by which a row is found or its change is chosen, and which is not assigned itself.
        @inlinable
        package static func key<T: PostgresCodable>(
            _ name: StaticString,
            _ value: @escaping @Sendable (Row) -> T
        ) -> Column {
            Column(name, isKey: true, T.postgresType) { row, buffer in
                value(row).encode(into: &buffer)
                return true
            }
        }

        fileprivate func array(_ rows: [Row]) -> Parameter {
            .array(of: type, rows, append)
        }
    }

    @resultBuilder
    package enum ColumnBuilder {
        package static func buildExpression(_ column: Column) -> Column { column }
        package static func buildBlock(_ columns: Column...) -> [Column] { columns }
    }
}

package typealias Column<Row: Sendable> = Unnest<Row>.Column
