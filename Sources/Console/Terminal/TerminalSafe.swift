// SPDX-License-Identifier: Apache-2.0

import Notation

/// Text from outside made safe to print: a terminal must not interpret control characters in an event.
package enum TerminalSafe {
    package static func text(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.map { isControl($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
    }

    /// The same JSON, with escapes for the characters that a terminal would interpret or hide. Except for line feeds,
    /// these occur only in strings.
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
