// SPDX-License-Identifier: Apache-2.0

/// Fields of a line of CSV (RFC 4180), which a spreadsheet shows as text and does not calculate.
struct CSVRow {
    /// What spreadsheets begin a formula with, also in full width.
    private static let formula = Set<Unicode.Scalar>(["=", "+", "-", "@", "＝", "＋", "－", "＠"])

    private var fields: [String] = []

    /// A number of ours, or a word of the contract.
    mutating func add(_ value: some CustomStringConvertible) { fields.append(value.description) }

    /// Text from outside; nil for an empty field.
    mutating func add(text: String?) {
        let safe = String(String.UnicodeScalarView((text ?? "").unicodeScalars.map(\.visible)))
        let isFormula = safe.unicodeScalars.first.map(Self.formula.contains) ?? false
        let field = isFormula ? "'\(safe)" : safe
        let isQuoted = field.unicodeScalars.contains { "\",; ".unicodeScalars.contains($0) }
        fields.append(isQuoted ? "\"\(field.replacing("\"", with: "\"\""))\"" : field)
    }

    func append(to bytes: inout [UInt8]) {
        bytes += Array(fields.joined(separator: ",").utf8)
        bytes += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
    }
}
