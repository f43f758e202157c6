// SPDX-License-Identifier: Apache-2.0

import Hashing
import TestSupport
import Testing

@testable import Gateway

@Suite struct APIKeyTests {
    private static func isPlausible(_ text: String) -> Bool { APIKey.isPlausible(Array(text.utf8).span) }

    @Test func `the checksum is the CRC-32 of zip and PNG`() {
        #expect(CRC32.checksum(of: Array("123456789".utf8).span) == 0xCBF4_3926)
        #expect(CRC32.checksum(of: [UInt8]().span) == 0)
    }

    @Test func `a key is a prefix, 32 characters and the checksum of both`() throws {
        var random = SeededRandom(1)
        for livemode in [true, false] {
            let key = APIKey(livemode: livemode, random: &random)
            #expect(key.text.wholeMatch(of: /tg_(live|test)_[0-9A-Za-z]{38}/) != nil, "a key of another form")
            #expect(key.text.hasPrefix(livemode ? "tg_live_" : "tg_test_"))
            #expect(Self.isPlausible(key.text))
            #expect(key.text.hasSuffix(key.last4))
        }
    }

    @Test func `the checksum is padded with zeros`() {
        // By Python: zlib.crc32 of the 40 characters, in base 62.
        #expect(Self.isPlausible("tg_test_00000000000000000000000000000371" + "00tV8O"))
    }

    @Test func `no key with one wrong character is plausible`() {
        var random = SeededRandom(2)
        let key = Array(APIKey(livemode: true, random: &random).text.utf8)
        for place in key.indices {
            for other in UInt8(0x20)...0x7E where other != key[place] {
                var wrong = key
                wrong[place] = other
                let text = String(decoding: wrong, as: UTF8.self)
                // Without its prefix it may be an imported one.
                if text.hasPrefix("tg_live_") { #expect(!Self.isPlausible(text), "\(place)") }
            }
        }
        #expect(!Self.isPlausible(String(decoding: key.dropLast(), as: UTF8.self)))
        #expect(!Self.isPlausible(String(decoding: key + [48], as: UTF8.self)))
    }

    @Test func `an imported key is 16 to 512 visible characters`() {
        for (text, isPlausible) in [
            (String(repeating: "k", count: 15), false), (String(repeating: "k", count: 16), true),
            (String(repeating: "k", count: 512), true), (String(repeating: "k", count: 513), false),
            ("sk-0123456789abcdef", true), ("sk-0123456789 abcdef", false), ("sk-0123456789abcdé", false),
            ("tg_live_", false), ("tg_test_0123456789abcdef", false),
        ] {
            #expect(Self.isPlausible(text) == isPlausible, "\(text)")
        }
    }

    @Test func `no way of printing a key shows it`() {
        var random = SeededRandom(3)
        let key = APIKey(livemode: true, random: &random)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped, "\([key])"] { #expect(!text.contains(key.text)) }
    }
}
