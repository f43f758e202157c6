// SPDX-License-Identifier: Apache-2.0

import HTTP

/// The words with which an operator says why. The timeline shows them, so they must say something, fit a line, and be what
/// they look like.
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
        // The Braille pattern without a dot.
        default: return scalar != "\u{2800}"
        }
    }

    /// What breaks the line, or shows the letters in another order than they have.
    private static func isDeceptive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }
}
