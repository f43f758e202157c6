// SPDX-License-Identifier: Apache-2.0

import Notation
import StripeAPI
import Testing

@testable import Fetching

@Suite struct StripePageTests {
    private static func next(_ id: String) throws -> String? {
        try StripePage(["data": [["id": .string(id)]], "has_more": true]).next(after: nil)
    }

    @Test(arguments: ["evt_1", "cs_test_a-B", String(repeating: "a", count: 255)])
    func `a list goes on after its last id`(_ id: String) throws {
        #expect(try Self.next(id) == id)
    }

    @Test(arguments: ["", "evt_\u{0}", "evt 1", "évt_1", "evt_1\n", "a&b", String(repeating: "a", count: 256)])
    func `what cannot be an id is none`(_ id: String) {
        #expect(throws: StripeAPIError.unreadable("its list does not go on")) { try Self.next(id) }
    }

    @Test func `a list that begins anew, or says nothing of how it goes on, cannot be read`() {
        let answers: [JSON] = [
            ["data": [["id": "evt_1"]], "has_more": true], ["data": []], ["data": [], "has_more": true],
        ]
        for answer in answers {
            #expect(throws: StripeAPIError.self) { try StripePage(answer).next(after: "evt_1") }
        }
    }
}
