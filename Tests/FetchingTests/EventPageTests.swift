// SPDX-License-Identifier: Apache-2.0

import Notation
import Store
import Testing

@testable import Fetching
@testable import StripeAPI

@Suite struct EventPageTests {
    private static func page(
        _ elements: [String], hasMore: Bool = true, after last: String? = nil, account: String? = nil
    ) throws -> EventPage {
        let body = #"{"object":"list","data":[\#(elements.joined(separator: ","))],"has_more":\#(hasMore)}"#
        let answer = StripeAnswer(bytes: Array(body.utf8), date: nil, took: .zero)
        return try EventPage(answer, after: last, account: account)
    }

    private static func event(_ id: String, _ more: String = "") -> String {
        #"{"created":1795478400,"id":"\#(id)","object":"event","type":"invoice.paid"\#(more)}"#
    }

    private static func texts(_ page: EventPage) -> [String] { page.events.map { String(decoding: $0, as: UTF8.self) } }

    @Test func `the next page begins after the last id that is one, and not after where this one began`() throws {
        let odd = ["", "évt", "evt 1", "a&b", String(repeating: "a", count: 256)].map { Self.event($0) }
        #expect(try Self.page([Self.event("evt_1"), Self.event("evt_2")] + odd).next == "evt_2")
        #expect(try Self.page([Self.event("evt_2"), Self.event("evt_1")] + odd, after: "evt_1").next == nil)
        for last in ["{}", "null", "7", #"{"id":7}"#] {
            #expect(try Self.page([Self.event("evt_1"), last]).next == "evt_1")
        }
        let stuck = try Self.page(odd + [Self.event("evt_1")], after: "evt_1")
        #expect(stuck.next == nil && stuck.hasMore && stuck.events.count == 6)
        let end = try Self.page([Self.event("evt_1")], hasMore: false)
        #expect(end.next == nil && !end.hasMore)
    }

    @Test(arguments: [#""name":"\ud800""#, #""amount":1e999"#, "\"name\":\"\u{1}\""])
    func `what cannot be read is handed on as it came, and the others as ever`(_ member: String) throws {
        let good = [Self.event("evt_1"), Self.event("evt_3")]
        let bad = Self.event("evt_2", "," + member)
        let page = try Self.page([good[0], bad, good[1], bad])
        #expect(Self.texts(page) == [good[0], bad, good[1], bad])
        // It is named by its own id.
        #expect(page.next == "evt_2")
        let deliveries = try page.events.map { try #require(Delivery(payload: $0, source: .backfill)) }
        #expect(deliveries.map { $0.quarantine == nil } == [true, false, true, false])
    }

    @Test(arguments: ["", #","account":null"#, #","a":{"account":"acct_2"}"#])
    func `of a connected account, it does not become the platform's own`(_ more: String) throws {
        let bad = Self.event("evt_2", #"\#(more),"name":"\ud800""#)
        let page = try Self.page([Self.event("evt_1"), bad], account: "acct_1")
        #expect(Self.texts(page)[1] == #"{"account":"acct_1","# + bad.dropFirst())
        // Once it can be read.
        let mended = Self.texts(page).map { Array($0.replacing(#"\ud800"#, with: "").utf8) }
        #expect(mended.map { Delivery(payload: $0)?.event?.account } == ["acct_1", "acct_1"])
        let named = Self.event("evt_2", #","account":"acct_2","name":"\ud800""#)
        #expect(try Self.texts(Self.page([named], account: "acct_1")) == [named])
        for odd in ["1e999", "[1e999]"] { #expect(try Self.texts(Self.page([odd], account: "acct_1")) == [odd]) }
    }

    @Test(arguments: [
        #"{"data":[{}]}"#, #"{"data":[1e999]}"#, #"{"data":[1e999],"has_more":1}"#, #"{"data":1e999,"has_more":true}"#,
        "<html>", "", #"{"data":[1e999],"has_more":true"#, "[]", #"{"has_more":false}"#,
        #"{"data":[1e999\#(String(repeating: ",1", count: 100))],"has_more":true}"#,
    ])
    func `what is no list is unreadable`(_ body: String) {
        #expect(throws: StripeAPIError.self) {
            try EventPage(StripeAnswer(bytes: Array(body.utf8), date: nil, took: .zero), after: nil, account: nil)
        }
    }
}
