// SPDX-License-Identifier: Apache-2.0

import HTTP

/// An operator's reason. The timeline shows it, so it must say something, fit on a line, and be what it looks like.
enum ReasonText {
    /// - Throws: 400 for the field `reason`.
    static func check(_ text: String) throws(ProblemDetails) -> String {
        let scalars = text.unicodeScalars
        guard (1...500).contains(scalars.count), scalars.contains(where: isVisible),
            !scalars.contains(where: isDeceptive)
        else {
            throw .invalidField(
                "reason",
                "must be 1 to 500 characters, with some that can be seen and none that control the text or its direction"
            )
        }
        return text
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        if properties.isDefaultIgnorableCodePoint || properties.isWhitespace { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .unassigned, .nonspacingMark, .enclosingMark: return false
        // The blank Braille pattern.
        default: return scalar != "\u{2800}"
        }
    }

    /// What breaks the line, or shows the letters in a different order.
    private static func isDeceptive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }
}
