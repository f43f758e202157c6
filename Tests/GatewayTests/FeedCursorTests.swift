// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Gateway
@testable import Store

@Suite struct FeedCursorTests {
    @Test func `a cursor is read as it was written`() {
        let identity = "0123456789abcdef"
        for position in [
            FeedPosition(xid: 1), FeedPosition(xid: 4711, customer: "cus_1"),
            FeedPosition(xid: 9_999_999_999_999_999_999, customer: String(repeating: "-", count: 255)),
        ] {
            let cursor = FeedCursor(identity: identity, position: position)
            #expect(FeedCursor(cursor.text) == cursor)
        }
        for text in [
            "", identity, "\(identity).", "\(identity).0", "\(identity).01", "\(identity).+1", "\(identity).1.",
            "\(identity).1.a.b", "\(identity).1.a b", "\(identity).10000000000000000000", "0123456789ABCDEF.1",
            "0123456789abcde.1", "\(identity).1.\(String(repeating: "a", count: 256))", "\(identity).1\n",
        ] {
            #expect(FeedCursor(text) == nil, "\(text)")
        }
    }

    @Test func `positions are in the order of transactions, then of ids by their bytes`() {
        let positions = [
            FeedPosition(xid: 1, customer: "b"), FeedPosition(xid: 2), FeedPosition(xid: 2, customer: "-"),
            FeedPosition(xid: 2, customer: "A"), FeedPosition(xid: 2, customer: "_"),
            FeedPosition(xid: 2, customer: "a"), FeedPosition(xid: 10),
        ]
        #expect(positions.shuffled().sorted() == positions)
    }
}
