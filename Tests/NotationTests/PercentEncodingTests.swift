// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@Suite struct PercentEncodingTests {
    @Test func `an id stays one segment of a path`() {
        #expect(PercentEncoding.segment("evt_1-A.b~") == "evt_1-A.b~")
        #expect(PercentEncoding.segment("a/../b?c#d é\n") == "a%2F..%2Fb%3Fc%23d%20%C3%A9%0A")
        #expect(PercentEncoding.everyByte("..z") == "%2E%2E%7A")
    }

    @Test func `what was encoded is decoded to what it was`() {
        for text in ["", "evt_1", "a/../b?c#d é\n", "100 %", "%41", "\u{1F600}"] {
            #expect(PercentEncoding.decode(PercentEncoding.segment(text)) == text)
            #expect(PercentEncoding.decode(PercentEncoding.everyByte(text)) == text)
        }
    }

    @Test(arguments: [
        ("%2f%2F", "//"), ("a+b", "a+b"), ("%", nil), ("%4", nil), ("%4g", nil), ("%-1", nil), ("%+1", nil),
        ("%FF", nil), ("%C3%A9", "é"), ("%C3", nil),
    ])
    func `an escape is two hex digits, and the bytes are UTF-8`(encoded: String, decoded: String?) {
        #expect(PercentEncoding.decode(encoded) == decoded)
    }
}
