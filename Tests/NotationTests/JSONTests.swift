// SPDX-License-Identifier: Apache-2.0

import Stripe
import Testing

@testable import Notation

@Suite struct JSONTests {
    private func read(_ text: String) throws(JSON.DecodingFailure) -> JSON { try JSON(bytes: Array(text.utf8)) }

    @Test(
        arguments: [
            ("null", .null), (" true\r\n", true), ("\tfalse", false), ("\"\"", ""), ("[]", []), ("{ }", [:]),
            ("[1 , [ ],{}]", [1, [], [:]]), (#"{"a":{"b":[null]} , "c":""}"#, ["a": ["b": [.null]], "c": ""]),
            ("\u{FEFF}7", 7),
        ] as [(String, JSON)]
    )
    func `values are read, with space and a byte-order mark around them`(_ text: String, _ value: JSON) throws {
        #expect(try read(text) == value)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("1.0", 1), ("1e2", 100), ("1E+00002", 100), ("10e-1", 1),
            ("0e999999", 0),
            ("1e-400", 0), ("1.00000000000000000001", 1), ("9223372036854775807", 9_223_372_036_854_775_807),
            ("-9223372036854775808", -9_223_372_036_854_775_808), ("9007199254740993.0", 9_007_199_254_740_993),
            ("900719925474099.3e1", 9_007_199_254_740_993), ("0.0000009007199254740993e22", 9_007_199_254_740_993),
            ("1e18", 1_000_000_000_000_000_000), ("9007199254740993.5", 9_007_199_254_740_993),
            ("0.1", .number(0.1)), ("-1.5e-3", .number(-0.0015)), ("5e-324", .number(.leastNonzeroMagnitude)),
            ("9223372036854775808", .number(0x1p63)), ("-9223372036854775809", .number(-0x1p63)),
            ("-9223372036854775808.0", .number(-0x1p63)), ("9.223372036854775807e18", .number(0x1p63)),
            ("1e19", .number(1e19)), ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
        ] as [(String, JSON)]
    )
    func `whole numbers of 64 bits are integers however they are written, others floating-point`(
        _ text: String, _ value: JSON
    ) throws {
        #expect(try read(text) == value)
        #expect(FoundationJSON.decode(Array(text.utf8)) == value)
    }

    @Test(
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0000\u00e9\u20AC""#, "\0é€"),
            (#""\ud83d\uDE00!""#, "😀!"), (#""\ufffe\uFFFF""#, "\u{FFFE}\u{FFFF}"),
            ("\"\u{7F}\u{2028}ü\"", "\u{7F}\u{2028}ü"),
        ]
    )
    func `escapes stand for characters, in keys too`(_ text: String, _ value: String) throws {
        #expect(try read(text) == .string(value))
        #expect(try read("{\(text):1}") == .object([value: 1]))
    }

    @Test(
        arguments: [
            #"{"a":1,"a":2}"#, #"{"\u0061":1,"a":2}"#, #"{"a":1,"\u0061":null}"#, #"{"a":1,"b":2,"a":{"a":3},"b":3}"#,
        ]
    )
    func `of members with one key the first is read`(_ text: String) throws {
        #expect(try read(text)["a"] == 1)
        #expect(try read(#"{"a":null,"a":1}"#)["a"] == nil)
        #expect(try read("{\"\u{E9}\":1,\"e\u{301}\":2}") == ["é": 1])
    }

    @Test(
        arguments: [
            ("", "it ends before a value at byte 0"), (" ", "it ends before a value at byte 1"),
            ("nul", "it ends before `null` at byte 3"), ("True", "a value is missing at byte 0"),
            ("truefalse", "the end is missing at byte 4"), ("1 2", "the end is missing at byte 2"),
            ("1,", "the end is missing at byte 1"), ("01", "the end is missing at byte 1"),
            ("-", "it ends before a digit at byte 1"), ("1.", "it ends before a digit at byte 2"),
            ("1.e1", "a digit is missing at byte 2"), ("1e+", "it ends before a digit at byte 3"),
            (".5", "a value is missing at byte 0"), ("+1", "a value is missing at byte 0"),
            ("NaN", "a value is missing at byte 0"), ("-Infinity", "a digit is missing at byte 1"),
            ("[1e400]", "a number beyond 64-bit floating point at byte 1"),
            ("[1,]", "a comma stands before a closing bracket at byte 3"),
            (#"{"a":1 , }"#, "a comma stands before a closing bracket at byte 9"),
            ("[,1]", "a value is missing at byte 1"),
            ("[1 2]", "a comma or the end of a list or object is missing at byte 3"),
            ("[1", "it ends before a comma or the end of a list or object at byte 2"),
            ("{1:2}", "a key in quotes is missing at byte 1"), (#"{"a" 1}"#, "a colon is missing at byte 5"),
            ("{'a':1}", "a key in quotes is missing at byte 1"), ("[/**/]", "a value is missing at byte 1"),
            ("\"a", "a string without an end at byte 0"), ("\"\\\"", "a string without an end at byte 0"),
            ("\"a\n\"", "a control character in a string at byte 2"), (#""\x""#, "an escape that is none at byte 1"),
            (#""\u12G4""#, "an escape that is none at byte 1"), (#""\u12"#, "an escape that is none at byte 1"),
            (#""\ud83d""#, "half a surrogate pair at byte 1"), (#""\ude00\ud83d""#, "half a surrogate pair at byte 1"),
            (#""\ud83d\u0041""#, "half a surrogate pair at byte 1"), ("\u{A0}1", "a value is missing at byte 0"),
            (#"{"a":1,"a":1e400}"#, "a number beyond 64-bit floating point at byte 11"),
            (#"{"a":1,"a":"\ud800"}"#, "half a surrogate pair at byte 12"),
            ("1\u{FEFF}", "the end is missing at byte 1"),
        ]
    )
    func `what is no JSON is refused, and the failure says where`(_ text: String, _ reason: String) {
        #expect(throws: JSON.DecodingFailure.notJSON(reason)) { try read(text) }
        #expect(throws: JSON.DecodingFailure.notJSON(reason)) { try JSON.check(Array(text.utf8)) }
        #expect(throws: Event.DecodingFailure.json(.notJSON(reason))) { try Event.Envelope(payload: Array(text.utf8)) }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xC3, 0x22],
            [0x31, 0],
            [0], [0x22, 0, 0x22], [0x7B, 0, 0x22, 0], [0xFE, 0xFF, 0, 0x31], [0x5B, 0x78, 0xFF],
        ] as [[UInt8]]
    )
    func `what is not UTF-8, or has a NUL byte, is refused as such`(_ bytes: [UInt8]) {
        #expect(throws: JSON.DecodingFailure.notUTF8) { try JSON(bytes: bytes) }
        #expect(throws: JSON.DecodingFailure.notUTF8) { try JSON.check(bytes) }
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func `the limit of depth is the last level that is read`(_ open: String, _ close: String) throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
        }
        for limit in [1, 64, 128] {
            #expect(try JSON(bytes: nested(limit), depthLimit: limit).bytes == nested(limit))
            #expect(throws: JSON.DecodingFailure.tooDeep(limit: limit)) {
                try JSON(bytes: nested(limit + 1), depthLimit: limit)
            }
        }
        try JSON.check(nested(64))
        #expect(throws: JSON.DecodingFailure.tooDeep(limit: 64)) { try JSON.check(nested(1_000_000)) }
        #expect(throws: Event.DecodingFailure.json(.tooDeep(limit: 64))) { try Event.Envelope(payload: nested(65)) }
    }

    @Test(arguments: [
        (#"{"a":1,"a":1}"#, "a"), (#"[{"b":{"a":[],"c":1,"a":[]}}]"#, "a"), (#"{"ab":1,"\u0061b":2}"#, "ab"),
        (#"{"":1,"":2}"#, ""), ("{\"\u{E9}\":1,\"e\u{301}\":2}", "é"),
    ])
    func `a key that an object has twice is named where keys must be unique, and no fault elsewhere`(
        _ text: String, _ key: String
    ) throws {
        let bytes = Array(text.utf8)
        #expect(throws: JSON.DecodingFailure.duplicateKey(key)) { try JSON.check(bytes, keysAreUnique: true) }
        try JSON.check(bytes)
        _ = try JSON(bytes: bytes)
        try JSON.check(Array(#"[{"a":{"a":1}},{"a":1,"A":1}]"#.utf8), keysAreUnique: true)
    }

    @Test func `any collection of bytes is read, contiguous or not`() throws {
        let bytes = Array(#" {"a":[1,"ü"]} "#.utf8)
        #expect(try JSON(bytes: bytes[1...]) == ["a": [1, "ü"]])
        #expect(try JSON(bytes: bytes.lazy.map { $0 }) == ["a": [1, "ü"]])
    }

    @Test func `what is written is compact, by the bytes of keys, with the shortest numbers`() throws {
        let json: JSON = [
            "b": [.number(5), .number(0.1), .number(1e21), .number(-0.0), -7, .null], "B": true, "\u{E000}": "/",
            "😀": "\"\\\u{8}\u{C}\n\r\t\u{1F}\0\u{7F}ü", "e\u{301}": [:], "f": 0, "": [],
        ]
        let text = #"{"":[],"B":true,"b":[5,0.1,1e+21,-0,-7,null],"e\#u{301}":{},"f":0,"\#u{E000}":"/","#
        let last = #""😀":"\"\\\b\f\n\r\t\u001f\u0000\#u{7F}ü"}"#
        #expect(String(decoding: json.bytes, as: UTF8.self) == text + last)
        #expect(json.bytes == (try FoundationJSON.encode(json)))
        #expect(JSON.array([.number(.infinity), 1]).bytes == Array("[null,1]".utf8))
    }
}
