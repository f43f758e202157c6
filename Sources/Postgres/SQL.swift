// SPDX-License-Identifier: Apache-2.0

/// A statement, or part of one, with its values. Only literals are text: what is interpolated is a typed value, which
/// becomes a parameter `$n`, or other `SQL`. No `String` can become text.
///
/// ```swift
/// try connection.execute("SELECT \(EventRecord.columns) FROM tollgate.event e WHERE e.id = \(id)")
/// ```
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    enum Piece: Sendable {
        case text(StaticString)
        case value(Parameter)
    }

    private(set) var pieces: [Piece]

    package init(stringLiteral text: StaticString) {
        pieces = [.text(text)]
    }

    package init(stringInterpolation: StringInterpolation) {
        pieces = stringInterpolation.pieces
    }

    private init(pieces: [Piece]) {
        self.pieces = pieces
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(2 * interpolationCount + 1)
        }

        package mutating func appendLiteral(_ text: StaticString) {
            pieces.append(.text(text))
        }

        package mutating func appendInterpolation(_ sql: SQL) {
            pieces += sql.pieces
        }

        package mutating func appendInterpolation<T: PostgresCodable>(_ value: T) {
            pieces.append(.value(.value(value)))
        }

        /// Nil is NULL.
        package mutating func appendInterpolation<T: PostgresCodable>(_ value: T?) {
            pieces.append(.value(.value(value)))
        }

        /// An array, for `unnest(…)` and `= ANY (…)`.
        package mutating func appendInterpolation<T: PostgresCodable>(_ elements: [T]) {
            pieces.append(.value(.array(elements)))
        }

        /// An array in which nil is NULL.
        package mutating func appendInterpolation<T: PostgresCodable>(_ elements: [T?]) {
            pieces.append(.value(.array(elements)))
        }
    }
}

extension SQL {
    static func parameter(_ parameter: Parameter) -> SQL {
        SQL(pieces: [.value(parameter)])
    }

    /// The items in order, with `separator` between them.
    package static func joined(_ items: some Sequence<SQL>, by separator: StaticString) -> SQL {
        var pieces: [Piece] = []
        for item in items {
            if !pieces.isEmpty { pieces.append(.text(separator)) }
            pieces += item.pieces
        }
        return SQL(pieces: pieces)
    }

    /// Its values, in the order of their numbers.
    var parameters: [Parameter] {
        pieces.compactMap { piece in
            switch piece {
            case .text: nil
            case .value(let parameter): parameter
            }
        }
    }

    /// What PostgreSQL prepares.
    var statement: Statement {
        var text: [UInt8] = []
        text.reserveCapacity(1024)
        var types: [UInt32] = []
        for piece in pieces {
            switch piece {
            case .text(let literal):
                literal.withUTF8Buffer { text.append(contentsOf: $0) }
            case .value(let parameter):
                types.append(parameter.oid)
                text.append(UInt8(ascii: "$"))
                text.append(contentsOf: String(types.count).utf8)
            }
        }
        return Statement(text: String(decoding: text, as: UTF8.self), types: types)
    }
}
