// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@Suite struct ShellWordTests {
    @Test(arguments: ["evt_1.a-B", "/etc/tollgate/stripe-secret", "2025-09-30.clover"])
    func `what no shell reads otherwise is written bare, and quoted where that is asked for`(_ text: String) {
        #expect(ShellWord.written(text) == text)
        #expect(ShellWord.quoted(text) == "'\(text)'")
    }

    @Test(arguments: [
        ("", "''"), ("it's $HOME", #"'it'\''s $HOME'"#), ("a;b", "'a;b'"), ("~", "'~'"), ("é", "'é'"),
        ("a\nb", "'a\nb'"),
    ])
    func `any other text is one word`(_ text: String, _ word: String) {
        #expect(ShellWord.written(text) == word)
        #expect(ShellWord.quoted(text) == word)
    }
}
