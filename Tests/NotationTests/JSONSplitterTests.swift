// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@Suite struct JSONSplitterTests {
    private static func elements(_ bytes: [UInt8], atMost limit: Int = 100) -> [[UInt8]]? {
        JSON.Splitter.elements(of: bytes[...], atMost: limit)?.map(Array.init)
    }

    /// What the reader refuses, each in its own way.
    static let unreadable: [[UInt8]] = [
        Array(#"{"id":"evt_1","name":"\ud800"}"#.utf8), Array(#"{"id":"evt_1","amount":1e999}"#.utf8),
        Array(#"{"id":"evt_1","name":""#.utf8) + [0xFF, 0xC3] + Array(#""}"#.utf8),
        Array(#"{"id":"evt_1","name":"\"]},[{\\","b":}"#.utf8),
        Array(repeating: UInt8(ascii: "["), count: 5000) + Array(repeating: UInt8(ascii: "]"), count: 5000),
        Array("1e999".utf8), Array("nul".utf8), Array(#""\ud800""#.utf8),
    ]

    @Test(arguments: unreadable) func `what cannot be read hides nothing beside it`(_ bytes: [UInt8]) throws {
        #expect(throws: JSON.DecodingFailure.self) { try JSON(bytes: bytes) }
        let (first, last) = (Array(#"{"id":"evt_2","a":[1, "]"]}"#.utf8), Array(#""evt_3""#.utf8))
        let list = Array("[ ".utf8) + first + Array(",".utf8) + bytes + Array(" ,\n".utf8) + last + Array("] ".utf8)
        #expect(Self.elements(list) == [first, bytes, last])
        let page = Array(#"{"a":{"data":[]},"data":"#.utf8) + list + Array(#","data":1,"has\u005fmore":true}"#.utf8)
        let members = JSON.Splitter.members(["data", "has_more"], of: page[...])
        #expect(members?["data"].flatMap { Self.elements(Array($0)) } == [first, bytes, last])
        #expect(members?["has_more"].map(Array.init) == Array("true".utf8))
    }

    @Test(arguments: [
        "", "[", "[1", "[1,]", "[,1]", "[1]]", "[1]x", "[}", "[{]}]", "[1 2]", "[:]", "[\"a]", "[\"a\\\"]", "[\"\\",
        "{}", "1",
        "[1:2]",
    ])
    func `a list that is none has no elements`(_ text: String) {
        #expect(Self.elements(Array(text.utf8)) == nil)
    }

    @Test(arguments: [#"{"a""#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#, #"{"a":1 "b":2}"#, #"{"a":1}}"#, "[]", #"{"a":1"#])
    func `an object that is none has no members`(_ text: String) {
        #expect(JSON.Splitter.members(["a", "b"], of: Array(text.utf8)[...]) == nil)
    }

    @Test func `more elements than were asked for are none`() {
        #expect(Self.elements(Array("[1,2]".utf8), atMost: 2)?.count == 2)
        #expect(Self.elements(Array("[1,2,3]".utf8), atMost: 2) == nil)
    }

    @Test(arguments: [UInt64(7), 8]) func `of a page that can be read, the reader finds the same`(_ seed: UInt64) async
    {
        var (noise, random) = (JSONNoise(seed: seed), SeededRandom(seed))
        var (read, split) = (0, 0)
        for round in 0..<2000 {
            if round % 100 == 0 { await Task.yield() }
            let page = Self.page(&noise, &random)
            let members = JSON.Splitter.members(["data", "has_more"], of: page[...])
            let elements = members?["data"].flatMap { JSON.Splitter.elements(of: $0, atMost: 100) }
            guard let json = try? JSON(bytes: page, depthLimit: 2 * JSON.depthLimit) else {
                split += elements == nil ? 0 : 1
                continue
            }
            read += 1
            let text = String(decoding: page, as: UTF8.self).debugDescription
            #expect(elements?.map { (try? JSON(bytes: $0)) ?? "unread" } == json["data"]?.array, "\(text)")
            #expect(members?["has_more"].flatMap { try? JSON(bytes: $0) } == json.object?["has_more"], "\(text)")
        }
        #expect(read > 200 && split > 500, "\(read) \(split)")
    }

    /// A page of nearly events; one of three is damaged.
    private static func page(_ noise: inout JSONNoise, _ random: inout SeededRandom) -> [UInt8] {
        let documents = (0..<random.within(0...4)).map { _ in noise.document() }
        var members = [
            Array(random.pick(#""object":"list""#, #""object":"\ud800""#).utf8),
            Array(random.pick("\"data\" :[", "\"d\\u0061ta\":[ ").utf8) + documents.joined(separator: Array(", ".utf8))
                + Array("]".utf8),
            Array(random.pick(#""has_more":true"#, #""has_more": false"#, #""has_more":1"#).utf8),
        ]
        members.shuffle(using: &random)
        if random.one(in: 4) { members.append(Array(random.pick(#""data":[7]"#, #""has_more":null"#).utf8)) }
        var page = Array("{".utf8) + members.joined(separator: Array(",".utf8)) + Array("}\n".utf8)
        guard random.one(in: 3) else { return page }
        let place = Int.random(in: page.indices, using: &random)
        switch random.within(0...2) {
        case 0: page[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: page.insert(Array(#"{}[]:,"\ "#.utf8).randomElement(using: &random) ?? 0, at: place)
        default: page.removeSubrange(place...)
        }
        return page
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: ["[", "{\"a\":", "[\"\\", "[0,", "[\"\\\\\",", "{\"\":0,", " ", "[{},", "]"])
    func `hostile bytes take no more time than their number`(_ part: String) {
        let count = (256 << 10) / part.utf8.count
        let bytes = Array("[".utf8) + Array(repeatElement(Array(part.utf8), count: count).joined())
        #expect(Self.elements(bytes, atMost: .max) == nil)
        let object = Array("{\"a\":".utf8) + bytes
        #expect(JSON.Splitter.members(["a"], of: object[...]) == nil)
    }
}
