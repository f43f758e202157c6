// SPDX-License-Identifier: Apache-2.0

import Postgres

/// What the database's content makes impossible, in words for an operator.
package enum StoreError: Error, Hashable, CustomStringConvertible {
    /// A column contains a word that this version does not know: a newer one wrote it.
    case unknownValue(String)

    package var description: String {
        switch self {
        case .unknownValue(let column):
            "the database contains a \(column) that this version of tollgate does not know"
        }
    }
}

/// Reads a stored word as one of the cases it was written from.
/// - Parameter column: the column that contains it.
func storedWord<T: RawRepresentable<String>>(_ word: some StringProtocol, _ column: String) throws(StoreError) -> T {
    guard let value = T(rawValue: String(word)) else { throw .unknownValue(column) }
    return value
}

extension Rows.Row {
    /// The column's word as one of the cases it was written from.
    /// - Throws: `StoreError`, or `PostgresError` if there is none.
    func word<T: RawRepresentable<String>>(_ column: String) throws -> T {
        let text: String = try self[column]
        return try storedWord(text, column)
    }

    /// The same if the column may be NULL.
    func word<T: RawRepresentable<String>>(_ column: String) throws -> T? {
        let text: String? = try self[column]
        return try text.map { try storedWord($0, column) }
    }
}
