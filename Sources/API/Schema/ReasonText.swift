// SPDX-License-Identifier: Apache-2.0

/// An operator's reason. The timeline shows it, so it must say something, fit on a line, and be what it looks like.
package enum ReasonText {
    package static let lengths = 1...500

    static let words =
        "1 to 500 characters, with some that can be seen and none that control the text or its direction"

    package static func isValid(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        return lengths.contains(scalars.count) && scalars.contains(where: isVisible)
            && !scalars.contains(where: isDeceptive)
    }

    /// Characters that can be seen, of which a reason holds one: those of the scripts that are most in use. Others are taken
    /// too, but no regular expression says which they all are.
    static let visible: [ClosedRange<UInt32>] = [
        0x21...0x7E, 0xA1...0xAC, 0xAE...0x2FF, 0x370...0x377, 0x391...0x3A1, 0x3A3...0x482, 0x48A...0x52F,
        0x531...0x556, 0x561...0x587, 0x5D0...0x5EA, 0x620...0x64A, 0x660...0x66F, 0x671...0x6D5, 0x904...0x939,
        0xE01...0xE30, 0x10D0...0x10FF, 0x1E00...0x1F15, 0x2010...0x2027, 0x2030...0x205E, 0x20A0...0x20BF,
        0x2100...0x218B, 0x2190...0x2426, 0x2460...0x27FF, 0x2801...0x2B73, 0x3001...0x3029, 0x3041...0x3096,
        0x309B...0x30FF, 0x3131...0x3163, 0x3400...0x4DBF, 0x4E00...0xA48C, 0xAC00...0xD7A3, 0xE000...0xF8FF,
        0xFF01...0xFF9F, 0x1F300...0x1F64F, 0x1F680...0x1F6D7, 0x20000...0x2A6DF, 0xF0000...0xFFFFD,
        0x100000...0x10FFFD,
    ]

    /// What it admits is taken.
    static let pattern: String = {
        let deceptive = #"\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"#
        let seen = visible.map { "\(character($0.lowerBound))-\(character($0.upperBound))" }.joined()
        return "^[^\(deceptive)]*[\(seen)][^\(deceptive)]*$"
    }()

    private static func character(_ scalar: UInt32) -> String {
        if scalar <= 0xFFFF { return "\\u" + String(scalar + 0x10000, radix: 16).dropFirst() }
        return Unicode.Scalar(scalar).map { String($0) } ?? ""
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
