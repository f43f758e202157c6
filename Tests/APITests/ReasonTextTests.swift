// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import API

@Suite struct ReasonTextTests {
    @Test(arguments: [
        "support #4711", "partner 🤝", "👩‍👩‍👧 family", "x", " x ", "ü", "理由", "سبب", "e\u{301}",
        String(repeating: "x", count: 500),
    ])
    func `a reason says something`(_ text: String) throws {
        #expect(try Form.reason.read(.string(text)) == text)
    }

    @Test(arguments: [
        "", " ", "\u{A0}", "\u{200B}", "\u{200B}\u{200D}\u{FEFF}", "\u{2060}", "\u{AD}", "\u{3164}", "\u{115F}",
        "\u{2800}",
        "\u{301}", "a\u{202E}b", "a\u{2066}b\u{2069}", "\u{200F}x", "\u{61C}x", "a\u{2028}b", "a\u{2029}b",
        "a\nb", "a\u{0}", "a\u{7F}", "a\u{9B}b", String(repeating: "x", count: 501),
    ])
    func `what cannot be seen, or is not what it looks like, is no reason`(_ text: String) {
        let fault = #expect(throws: FormFault.self) { try Form.reason.read(.string(text)) }
        #expect(fault?.isMissing == false)
    }

    /// The lists are as complete as the Unicode tables of this machine.
    @Test func `nothing that Unicode calls blank or control is a reason`() {
        for value in UInt32(0)...0xFFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let properties = scalar.properties
            let isBlank =
                switch properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator: true
                default: properties.isDefaultIgnorableCodePoint || properties.isWhitespace
                }
            let isDeceptive =
                switch properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator: true
                default: properties.isBidiControl
                }
            if isBlank && ReasonText.isValid(String(scalar)) || isDeceptive == ReasonText.isValid("a\(scalar)b") {
                Issue.record("U+\(String(value, radix: 16))")
            }
        }
    }

    /// Whoever reads the OpenAPI document expects exactly what is accepted. The letters are mathematical: 𝕿 was refused by the
    /// pattern and taken by the reader.
    @Test func `the pattern admits what the reader takes`() throws {
        let pattern = try Regex(ReasonText.pattern).matchingSemantics(.unicodeScalar)
        for value in stride(from: UInt32(0), through: 0x10FFFF, by: 11) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for text in [String(scalar), "a\(scalar)"] {
                let admits = try pattern.wholeMatch(in: text) != nil
                if admits != ReasonText.isValid(text) { Issue.record("U+\(String(value, radix: 16))") }
            }
        }
        #expect(ReasonText.isValid("𝕿𝖍𝖊"))
    }
}
