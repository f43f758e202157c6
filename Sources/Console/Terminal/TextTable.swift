// SPDX-License-Identifier: Apache-2.0

import Notation

/// Rows under aligned headings; columns that are empty throughout are left out.
package struct TextTable {
    /// No column is shortened below this width.
    private static let least = 10

    private let headings: [String]
    private var rows: [[String]] = []

    package init(_ headings: String...) {
        self.headings = headings
    }

    package var isEmpty: Bool { rows.isEmpty }

    /// - Parameter cells: one per heading; nil for an empty cell.
    package mutating func add(_ cells: String?...) {
        rows.append(cells.map { TerminalSafe.text(Self.second($0 ?? "")) })
    }

    /// A time such as `2026-11-26T09:00:00.123456Z` without its fraction, which only programs need.
    private static func second(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard (22...27).contains(bytes.count), bytes[10] == UInt8(ascii: "T"), bytes[19] == UInt8(ascii: "."),
            bytes.last == UInt8(ascii: "Z"), Timestamp(rfc3339: text) != nil
        else { return text }
        return String(decoding: bytes[..<19], as: UTF8.self) + "Z"
    }

    package func lines(_ terminal: Terminal) -> [String] {
        let kept = headings.indices.filter { column in rows.contains { column < $0.count && !$0[column].isEmpty } }
        var widths = kept.map { column in
            max(headings[column].count, rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0)
        }
        if let columns = terminal.columns {
            // Rows must not wrap: the widest columns are shortened, but every cell keeps its beginning.
            while widths.reduce(2 * (widths.count - 1), +) > columns, let most = widths.max(), most > Self.least,
                let widest = widths.lastIndex(of: most)
            {
                widths[widest] -= 1
            }
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(kept, widths).map { column, width in
                var cell = column < cells.count ? cells[column] : ""
                if cell.count > width { cell = cell.prefix(width - 1) + "…" }
                return cell + String(repeating: " ", count: width - cell.count)
            }
            let joined = padded.joined(separator: "  ")
            return String(joined.reversed().drop { $0 == " " }.reversed())
        }
        return [terminal.dim(line(headings))] + rows.map(line)
    }
}
