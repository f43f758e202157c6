// SPDX-License-Identifier: Apache-2.0

/// A value that is not of the form it must have: where, and what it must be.
package struct FormFault: Error, Hashable, Sendable {
    /// Names joined by dots, such as `data[3].status`; empty for the whole value.
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

    /// The same, seen from what holds the value.
    func within(_ place: String) -> FormFault {
        let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
        return FormFault(path: place + separator + path, isMissing: isMissing, reason: reason)
    }
}
