// SPDX-License-Identifier: Apache-2.0

/// What somebody may have meant.
package enum Spelling {
    /// The closest name, counting letters to insert, remove or replace; nil if none is within `limit`.
    package static func nearest(to name: String, of names: Set<String>, within limit: Int) -> String? {
        let distances = names.map { (name: $0, distance: distance(Array(name.utf8), Array($0.utf8))) }
        let best = distances.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return best.flatMap { $0.distance <= limit ? $0.name : nil }
    }

    /// The Levenshtein distance.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, opposite) in other.enumerated() {
                let replaced = diagonal + (letter == opposite ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
