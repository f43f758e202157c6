// SPDX-License-Identifier: Apache-2.0

import Notation

/// Text from elsewhere made safe to print: whatever an event carries, a terminal must not obey it.
package enum TerminalSafe {
    package static func text(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.map { isControl($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
    }

    /// A JSON text with the same meaning in which nothing is left that a terminal would obey or hide: escaped as JSON
    /// escapes. Such characters stand in strings only, but for line feeds.
    static func json(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isControl($0) && $0 != "\n" }) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar), scalar != "\n" {
                for unit in String(scalar).utf16 {
                    escaped += "\\u" + Hex.text(unit)
                }
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
