// SPDX-License-Identifier: Apache-2.0

import Testing

/// A text in a table of arguments; the log of the tests shows only its beginning.
struct LongText: Sendable, CustomTestStringConvertible {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    var testDescription: String {
        let (shown, bytes) = (text.prefix(80), text.utf8.count)
        return shown.utf8.count == bytes ? text.debugDescription : "\(shown.debugDescription)… of \(bytes) bytes"
    }
}
