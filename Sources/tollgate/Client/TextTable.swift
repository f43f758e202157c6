/// Rows under aligned headings; columns that are empty throughout are left out.
struct TextTable {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: String...) {
        self.headings = headings
    }

    var isEmpty: Bool { rows.isEmpty }

    /// - Parameter cells: one a heading; nil where there is nothing to say.
    mutating func add(_ cells: String?...) {
        rows.append(cells.map { Plain.text($0 ?? "") })
    }

    func lines(_ terminal: Terminal) -> [String] {
        let kept = headings.indices.filter { column in rows.contains { column < $0.count && !$0[column].isEmpty } }
        let widths = kept.map { column in
            max(headings[column].count, rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(kept, widths).map { column, width in
                let cell = column < cells.count ? cells[column] : ""
                return cell + String(repeating: " ", count: width - cell.count)
            }
            let joined = padded.joined(separator: "  ")
            return String(joined.reversed().drop { $0 == " " }.reversed())
        }
        return [terminal.dim(line(headings))] + rows.map(line)
    }
}
