// SPDX-License-Identifier: Apache-2.0

/// What tells one statement from another without writing its text: where each literal lies in the program, and the type
/// of each value. The same text from two places in the code has two shapes.
struct StatementShape: Hashable {
    /// Two words for each piece: a literal's address and length, or 0 and the type of a value.
    private let words: [UInt]

    init(_ sql: SQL) {
        var words: [UInt] = []
        words.reserveCapacity(2 * sql.pieces.count)
        for piece in sql.pieces {
            switch piece {
            case .text(let literal):
                // Each interpolated literal is one; a single character may be stored without an address.
                precondition(literal.hasPointerRepresentation, "a literal has no address")
                words.append(UInt(bitPattern: literal.utf8Start))
                words.append(UInt(bitPattern: literal.utf8CodeUnitCount))
            case .value(let parameter):
                words.append(0)
                words.append(UInt(parameter.oid))
            }
        }
        self.words = words
    }
}
