// SPDX-License-Identifier: Apache-2.0

/// A malformed value: where it is, and what it must be.
package struct FormFault: Error, Hashable, Sendable {
    /// Names joined with dots, such as `data[3].status`; empty for the whole value.
    package let path: String
    package let isMissing: Bool
    /// The rest of a sentence: `must be a whole number`.
    package let reason: String

    init(_ reason: String) {
        self.init(path: "", isMissing: false, reason: reason)
    }

    private init(path: String, isMissing: Bool, reason: String) {
        self.path = path
        self.isMissing = isMissing
        self.reason = reason
    }

    static func missing(_ name: String) -> FormFault {
        FormFault(path: name, isMissing: true, reason: "is missing")
    }

    /// The same, seen from the value that contains it.
    func within(_ place: String) -> FormFault {
        let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
        return FormFault(path: place + separator + path, isMissing: isMissing, reason: reason)
    }
}
