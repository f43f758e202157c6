// SPDX-License-Identifier: Apache-2.0

/// A value that no way of printing shows: a connection string with its password, an API key.
package struct Secret: Hashable, Sendable {
    package let value: String

    package init(_ value: String) {
        self.value = value
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "redacted" }

    package var debugDescription: String { description }

    /// Without this, `dump` would print the value.
    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}
