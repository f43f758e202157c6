// SPDX-License-Identifier: Apache-2.0

import HTTP
import Testing

@testable import Server

@Suite struct ReasonTextTests {
    @Test(arguments: [
        "support #4711", "partner 🤝", "👩‍👩‍👧 family", "x", " x ", "ü", "理由", "سبب", "e\u{301}",
        String(repeating: "x", count: 500),
    ])
    func `a reason says something`(_ text: String) throws {
        #expect(try ReasonText.check(text) == text)
    }

    @Test(arguments: [
        "", " ", "\u{A0}", "\u{200B}", "\u{200B}\u{200D}\u{FEFF}", "\u{2060}", "\u{AD}", "\u{3164}", "\u{115F}",
        "\u{2800}",
        "\u{301}", "\u{E0020}", "a\u{202E}b", "a\u{2066}b\u{2069}", "\u{200F}x", "\u{61C}x", "a\u{2028}b", "a\u{2029}b",
        "a\nb", "a\u{0}", "a\u{7F}", "a\u{9B}b", String(repeating: "x", count: 501),
    ])
    func `what cannot be seen, or is not what it looks like, is no reason`(_ text: String) {
        let problem = #expect(throws: ProblemDetails.self) { try ReasonText.check(text) }
        #expect(problem?.code == "invalid_field")
    }
}
