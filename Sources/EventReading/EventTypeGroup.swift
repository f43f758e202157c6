// SPDX-License-Identifier: Apache-2.0

/// Types of events that a webhook endpoint is to deliver, and why.
package struct EventTypeGroup: Sendable, Hashable {
    package let types: [String]
    /// A few words, without a full stop.
    package let reason: String

    init(_ types: String..., reason: String) {
        self.types = types
        self.reason = reason
    }

    /// The row of a table in Markdown.
    package var row: String { "| \(types.map { "`\($0)`" }.joined(separator: ", ")) | \(reason) |" }
}
