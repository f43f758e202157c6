// SPDX-License-Identifier: Apache-2.0

/// A value that is determined at the moment of the scrape, such as the depth of a queue in the database.
package struct ScrapedValue: Sendable {
    package enum Kind: Sendable {
        case gauge
        /// Counted elsewhere, such as by the kernel; it only grows.
        case counter
    }

    package let name: String
    package let kind: Kind
    package let help: String?
    package let labels: [(String, String)]
    package let value: Double

    package init(
        _ name: String,
        _ kind: Kind = .gauge,
        help: String? = nil,
        labels: [(String, String)] = [],
        value: Double
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.value = value
    }
}
