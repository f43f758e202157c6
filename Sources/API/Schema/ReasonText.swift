// SPDX-License-Identifier: Apache-2.0

/// An operator's reason. The timeline shows it, so it must say something, fit on a line, and be what it looks like.
package enum ReasonText {
    package static let lengths = 1...500

    static let words =
        "1 to 500 characters, with some that can be seen and none that control the text or its direction"

    package static func isValid(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        return lengths.contains(scalars.count) && !scalars.contains { contains($0, deceptive) }
            && !scalars.allSatisfy { contains($0, invisible) }
    }

    /// What breaks the line, or shows the letters in a different order.
    static let deceptive: [ClosedRange<UInt32>] = [
        0x0...0x1F, 0x7F...0x9F, 0x61C...0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069,
    ]

    /// Other characters that say nothing by themselves: white space, the blank Braille pattern, what Unicode calls default
    /// ignorable or format, and marks that stand on a letter. Those beyond U+FFFF pass as visible: not all regular
    /// expressions can name them. No range ends with a character that NFC writes otherwise: some engines refuse that.
    static let invisible: [ClosedRange<UInt32>] = [
        0x20...0x20, 0xA0...0xA0, 0xAD...0xAD, 0x300...0x36F, 0x600...0x605, 0x6DD...0x6DD, 0x70F...0x70F,
        0x890...0x891, 0x8E2...0x8E2, 0x115F...0x1160, 0x1680...0x1680, 0x17B4...0x17B5, 0x180B...0x180F,
        0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x2000...0x2000, 0x2001...0x2001, 0x2002...0x200D, 0x202F...0x202F,
        0x205F...0x2065, 0x206A...0x206F, 0x20D0...0x20FF, 0x2800...0x2800, 0x3000...0x3000, 0x3164...0x3164,
        0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xFEFF...0xFEFF, 0xFFA0...0xFFA0, 0xFFF0...0xFFFB,
    ]

    /// Admits what `isValid` does, and nothing else.
    static let pattern: String = {
        let controls = characterClass(deceptive)
        return "^[^\(controls)]*[^\(controls)\(characterClass(invisible))][^\(controls)]*$"
    }()

    private static func contains(_ scalar: Unicode.Scalar, _ ranges: [ClosedRange<UInt32>]) -> Bool {
        ranges.contains { $0.contains(scalar.value) }
    }

    private static func characterClass(_ ranges: [ClosedRange<UInt32>]) -> String {
        ranges.map { range in
            range.count == 1 ? escape(range.lowerBound) : "\(escape(range.lowerBound))-\(escape(range.upperBound))"
        }.joined()
    }

    private static func escape(_ scalar: UInt32) -> String { "\\u" + String(scalar + 0x10000, radix: 16).dropFirst() }
}
