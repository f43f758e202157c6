// SPDX-License-Identifier: Apache-2.0

/// A month of the calendar in UTC: `2026-11`.
package struct UTCMonth: Hashable, Sendable {
    /// Its first instant.
    package let start: Timestamp
    /// The first instant of the month after it.
    package let end: Timestamp

    private static let names = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// Reads `2026-11`; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count == 7, let start = Timestamp(rfc3339: "\(text)-01T00:00:00Z") else { return nil }
        self.init(containing: start)
    }

    package init(containing time: Timestamp) {
        start = time.startOfMonth
        // Every month ends within 31 days, and the next one has more than three.
        end = (start + .seconds(31 * 86_400)).startOfMonth
    }

    /// `November 2026`.
    package var name: String {
        let month = Int(description.suffix(2)) ?? 0
        guard 1...12 ~= month else { return description }
        return "\(Self.names[month - 1]) \(description.prefix(4))"
    }
}

extension UTCMonth: CustomStringConvertible {
    package var description: String { String(start.description.prefix { $0 != "T" }.dropLast(3)) }
}
