/// What the database's content forbids, in words for an operator.
package enum StoreError: Error, Hashable, CustomStringConvertible {
    /// A row holds a word that this version does not know: a newer one wrote it.
    case unknownValue(String)

    package var description: String {
        switch self {
        case .unknownValue(let column):
            "the database holds a \(column) that this version of tollgate does not know"
        }
    }
}

/// Reads a stored word as one of the cases it was written from.
func known<T: RawRepresentable<String>>(_ word: String) throws(StoreError) -> T {
    guard let value = T(rawValue: word) else { throw .unknownValue("\(T.self)") }
    return value
}
