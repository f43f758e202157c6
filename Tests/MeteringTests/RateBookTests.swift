// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import Metering

@Suite struct RateBookTests {
    private static func version(
        _ id: String, _ model: String, aliases: String = "", from day: Int64, known: Int64 = 0
    ) throws -> RateBook.Version {
        let start = Samples.start.seconds
        let rate = try Samples.rate(
            #""model":"\#(model)","aliases":[\#(aliases)],"input":"1""#,
            at: Timestamp(seconds: start + day * Samples.day))
        return RateBook.Version(id: id, rate: rate, knownAt: Timestamp(seconds: start + known * Samples.day))
    }

    /// What holds at a day, a microsecond before it or at it.
    private static func id(_ book: RateBook, _ model: String, _ day: Int64, early: Bool = false, known: Int64? = nil)
        -> String?
    {
        let start = Samples.start.seconds
        let instant = Timestamp(microseconds: (start + day * Samples.day) * 1_000_000 - (early ? 1 : 0))
        return book.version(
            provider: "anthropic", model: model, at: instant,
            knownBy: known.map { Timestamp(seconds: start + $0 * Samples.day) })?.id
    }

    @Test func `the instant of a new price is its own`() throws {
        let book = RateBook([try Self.version("b", "m", from: 5), try Self.version("a", "m", from: 1)])
        #expect(Self.id(book, "m", 1, early: true) == nil)
        #expect(Self.id(book, "m", 1) == "a")
        #expect(Self.id(book, "m", 5, early: true) == "a")
        #expect(Self.id(book, "m", 5) == "b")
        #expect(Self.id(book, "m", 500) == "b")
        #expect(Self.id(book, "M", 5) == nil)
        #expect(book.version(provider: "openai", model: "m", at: Timestamp(seconds: .max)) == nil)
        #expect(book.versions(at: Samples.start).isEmpty)
        #expect(book.versions(at: Timestamp(seconds: .max)).map(\.id) == ["b"])
    }

    @Test func `of two rates for one instant that which became known later holds, and the book can be read as it was`()
        throws
    {
        let book = RateBook([
            try Self.version("rise", "m", from: 5, known: 2), try Self.version("canceled", "m", from: 5, known: 4),
            try Self.version("first", "m", from: 0),
        ])
        #expect(Self.id(book, "m", 6) == "canceled")
        #expect(Self.id(book, "m", 6, known: 3) == "rise")
        #expect(Self.id(book, "m", 6, known: 2) == "rise")
        #expect(Self.id(book, "m", 6, known: 1) == "first")
        #expect(Self.id(book, "m", 4) == "first")
    }

    @Test func `a name is that of a model, and else an alias that its model still has`() throws {
        let book = RateBook([
            try Self.version("a1", "a", aliases: #""latest","b","x""#, from: 0), try Self.version("b1", "b", from: 3),
            try Self.version("a2", "a", aliases: #""latest""#, from: 5),
            try Self.version("c1", "c", aliases: #""latest""#, from: 7), try Self.version("c2", "c", from: 9),
        ])
        #expect(Self.id(book, "latest", 4) == "a1")
        #expect(Self.id(book, "latest", 6) == "a2")
        #expect(Self.id(book, "latest", 8) == "c1")
        #expect(Self.id(book, "latest", 9) == nil)
        #expect(Self.id(book, "x", 4) == "a1")
        #expect(Self.id(book, "x", 6) == nil)
        #expect(Self.id(book, "b", 2) == "a1")
        #expect(Self.id(book, "b", 4) == "b1")
    }

    @Test(arguments: [
        (#""model":"m","input":"0.0000001""#, "rates[0].input is beyond what is charged exactly"),
        (#""model":"m","web_search":"0.0000000001""#, "rates[0].web_search is beyond"),
        (#""model":"m","input":"1e3""#, "rates[0].input is no decimal number"),
        (#""model":"m","inputs":"1""#, "rates[0].inputs is no field here"),
        (#""input":"1""#, "rates[0].model is missing"),
        (#""model":"","input":"1""#, "rates[0].model is no name"),
        (#""model":"m","effective_at":"2026-11-26""#, "rates[0].effective_at is no time"),
        (#""model":"m","batch":"0.00001""#, "rates[0].batch is no factor"),
        (#""model":"m","batch":"0""#, "rates[0].batch is no factor"),
        (#""model":"m","geo":{"us":"-1"}"#, "rates[0].geo.us is no factor"),
        (#""model":"m","geo":"1.1""#, "rates[0].geo is no object"),
        (
            #""model":"m","batch":"0.0001","geo":{"us":"1.0001","eu":"1"},"speed":{"fast":"1.1"}"#,
            "rates[0] has factors with more than 8 decimals together"
        ),
        (#""model":"m","aliases":["a","a"]"#, "rates[0].aliases has a name twice"),
        (#""model":"m","aliases":[1]"#, "rates[0].aliases is no list of names"),
        (#""model":"m","input":"1","tiers":[{"above":0,"input":"2"}]"#, "rates[0].tiers[0].above is no number"),
        (
            #""model":"m","input":"1","tiers":[{"above":9,"input":"2"},{"above":9,"input":"3"}]"#,
            "rates[0].tiers[1].above is no number"
        ),
        (
            #""model":"m","input":"1","output":"1","tiers":[{"above":9,"input":"2"}]"#,
            "rates[0].tiers[0].output is missing"
        ),
        (
            #""model":"m","input":"1","tiers":[{"above":9,"input":"2","web_search":"1"}]"#,
            "rates[0].tiers[0].web_search is no field"
        ),
    ])
    func `a rate that could not be charged exactly is refused with its place`(_ rate: String, _ words: String) throws {
        let error = try #require(throws: FieldError.self) { try Samples.rate(rate) }
        #expect(error.description.hasPrefix(words), "\(error)")
    }

    @Test func `a rate is in the book if it is what holds from its own instant, word for word`() throws {
        let first = try Samples.rate(#""model":"m","aliases":["a"],"input":"1""#)
        let second = try Samples.rate(#""model":"m","aliases":["a"],"input":"2""#)
        let book = RateBook([
            RateBook.Version(id: "1", rate: first, knownAt: Samples.start),
            RateBook.Version(id: "2", rate: second, knownAt: Timestamp(seconds: Samples.start.seconds + 1)),
        ])
        #expect(book.has(second) && !book.has(first))
        #expect(!book.has(try Samples.rate(#""model":"m","input":"2""#)))
        #expect(!book.has(try Samples.rate(#""model":"n","aliases":["a"],"input":"2""#)))
        let later = Timestamp(seconds: Samples.start.seconds + Samples.day)
        #expect(!book.has(try Samples.rate(#""model":"m","aliases":["a"],"input":"2""#, at: later)))
    }
}
