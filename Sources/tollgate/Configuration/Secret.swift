/// A value that no way of printing shows: a connection string with its password, an API key.
struct Secret: Hashable, Sendable {
    let value: String

    init(_ value: String) {
        self.value = value
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "redacted" }

    var debugDescription: String { description }

    /// Without this, `dump` would print the value.
    var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}
