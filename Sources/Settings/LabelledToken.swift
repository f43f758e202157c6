// SPDX-License-Identifier: Apache-2.0

import Notation

/// A bearer token of the private listener. Its label names who acted; no way of printing it shows the token.
package struct LabelledToken: Hashable, Sendable {
    /// The operator's name for the holder, such as `alice`; the timeline shows it.
    package let label: String?

    package let value: String

    package init(label: String?, value: String) {
        self.label = label
        self.value = value
    }

    /// Shorter tokens could be guessed.
    static let minimumLength = 16

    /// - Parameter text: comma-separated tokens, each optionally `label=token`.
    static func list(_ text: String, variable: String) throws(ConfigurationError) -> [LabelledToken] {
        var tokens: [LabelledToken] = []
        for entry in try LabelledEntry.list(text, variable: variable, label: label(before:)) {
            let place = "entry \(entry.position)"
            guard entry.value.isVisibleASCII else {
                let reason = "\(place) contains white space or a character that no Authorization header can carry"
                throw ConfigurationError(variable: variable, reason: reason)
            }
            guard entry.value.utf8.count >= minimumLength else {
                let reason = "\(place) is shorter than \(minimumLength) characters; make one with: openssl rand -hex 32"
                throw ConfigurationError(variable: variable, reason: reason)
            }
            tokens.append(LabelledToken(label: entry.label, value: entry.value))
        }
        return tokens
    }

    /// What precedes the first `=`, unless that `=` is the padding of a base64 token.
    private static func label(before entry: Substring) -> Substring? {
        guard let equals = entry.firstIndex(of: "=") else { return nil }
        let isPadding = entry[equals...].allSatisfy { $0 == "=" }
        let isBase64 =
            entry.utf8.count >= 24 && entry.utf8.count.isMultiple(of: 4) && !entry.contains { "-_.".contains($0) }
        return isPadding && isBase64 ? nil : entry[..<equals]
    }
}

extension LabelledToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The label, never the token.
    package var description: String { "LabelledToken(\(label ?? "unlabelled"), redacted)" }

    package var debugDescription: String { description }

    /// Without this, `dump` would print the token.
    package var customMirror: Mirror { Mirror(self, children: ["label": label ?? "unlabelled"], displayStyle: .struct) }
}
