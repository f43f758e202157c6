// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@Suite struct PrintableASCIITests {
    @Test(arguments: [
        ("", true, true), ("!", true, true), ("~", true, true), (" ", true, false), ("a b", true, false),
        ("\u{1F}", false, false), ("\u{7F}", false, false), ("a\n", false, false), ("é", false, false),
    ])
    func `a printable text is of ASCII without controls, a visible one without spaces besides`(
        text: String, isPrintable: Bool, isVisible: Bool
    ) {
        #expect(text.isPrintableASCII == isPrintable)
        #expect(text.isVisibleASCII == isVisible)
    }
}
