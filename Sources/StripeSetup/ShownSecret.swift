// SPDX-License-Identifier: Apache-2.0

/// The secret of a new webhook endpoint, which Stripe shows once. Only `reveal` shows its value.
package struct ShownSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// - Returns: nil unless it looks like one.
    init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard text.hasPrefix("whsec_"), text.utf8.count > "whsec_".utf8.count, isPlain else { return nil }
        value = text
    }

    /// For the file or the terminal that it is meant for.
    package func reveal() -> String { value }

    package var description: String { "whsec_redacted" }
    package var debugDescription: String { description }
    /// Without this, `dump` would print the value.
    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}
