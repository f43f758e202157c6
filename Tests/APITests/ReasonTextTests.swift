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
        "\u{301}", "\u{E0020}", "a\u{202E}b", "a\u{2066}b\u{2069}", "\u{200F}x", "\u{61C}x", "a\u{2028}b", "a\u{2029}b",
        "a\nb", "a\u{0}", "a\u{7F}", "a\u{9B}b", String(repeating: "x", count: 501),
    ])
    func `what cannot be seen, or is not what it looks like, is no reason`(_ text: String) {
        let fault = #expect(throws: FormFault.self) { try Form.reason.read(.string(text)) }
        #expect(fault?.isMissing == false)
    }

    @Test func `a character that the pattern calls visible is a reason by itself`() {
        var count = 0
        for scalar in ReasonText.visible.joined().lazy.compactMap(Unicode.Scalar.init) {
            if !ReasonText.isValid(String(scalar)) { Issue.record("U+\(String(scalar.value, radix: 16))") }
            count += 1
        }
        #expect(count > 100_000)
    }
}
