// SPDX-License-Identifier: Apache-2.0

/// Many rows as one table in a statement. Each column is written in one place together with its values, so that no
/// column list can be in a different order from its arrays.
///
/// ```swift
/// let rows = Unnest(prices) {
///     Column.key("id", \.id)
///     Column("credits", \.credits)
/// }
/// try connection.execute("INSERT INTO price (\(rows.columns)) SELECT \(rows.columns) FROM \(rows.table)")
/// ```
package struct Unnest {
    /// `id, credits`
    package let columns: SQL
    /// `unnest($1, $2) AS n (id, credits)`
    package let table: SQL
    private let others: [SQL]

    package init<Row>(_ rows: [Row], @ColumnBuilder<Row> _ columns: () -> [Column<Row>]) {
        let columns = columns()
        self.columns = .joined(columns.map(\.name), by: ", ")
        let arrays = SQL.joined(columns.map { .parameter($0.values(rows)) }, by: ", ")
        table = "unnest(\(arrays)) AS n (\(self.columns))"
        others = columns.filter { !$0.isKey }.map(\.name)
    }

    /// `credits = n.credits`, for `UPDATE … SET … FROM`: all columns but the key.
    package var assignments: SQL { .joined(others.map { "\($0) = n.\($0)" }, by: ", ") }

    /// `credits = EXCLUDED.credits`, for `ON CONFLICT … DO UPDATE SET`: all columns but the key.
    package var replacements: SQL { .joined(others.map { "\($0) = EXCLUDED.\($0)" }, by: ", ") }

    /// One column and how a row fills it.
    package struct Column<Row> {
        fileprivate let name: SQL
        fileprivate let isKey: Bool
        fileprivate let values: ([Row]) -> Parameter

        private init(_ name: StaticString, isKey: Bool, _ values: @escaping ([Row]) -> Parameter) {
            self.name = SQL(stringLiteral: name)
            self.isKey = isKey
            self.values = values
        }

        package init<T: PostgresCodable>(_ name: StaticString, _ value: @escaping (Row) -> T) {
            self.init(name, isKey: false) { rows in .array(rows.map(value)) }
        }

        package init<T: PostgresCodable>(_ name: StaticString, _ value: @escaping (Row) -> T?) {
            self.init(name, isKey: false) { rows in .array(rows.map(value)) }
        }

        /// A column by which a row is found, and which does not change.
        package static func key<T: PostgresCodable>(_ name: StaticString, _ value: @escaping (Row) -> T) -> Column {
            Column(name, isKey: true) { rows in .array(rows.map(value)) }
        }
    }

    @resultBuilder
    package enum ColumnBuilder<Row> {
        package static func buildExpression(_ column: Column<Row>) -> Column<Row> { column }
        package static func buildBlock(_ columns: Column<Row>...) -> [Column<Row>] { columns }
    }
}

package typealias Column = Unnest.Column
