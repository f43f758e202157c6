// SPDX-License-Identifier: Apache-2.0

import API
import Notation
import Testing

@testable import Console

@Suite struct KeyReportTests {
    private static let plain = Terminal(isColoured: false)

    private static let made: JSON = [
        "id": "key_1", "customer": "cus_1", "label": "production", "last4": "x7Qa",
        "created_at": "2026-11-26T09:00:00.123456Z", "expires_at": "2027-01-01T00:00:00Z", "disabled": false,
        "last_used_at": "2026-11-26T09:30:00.5Z",
    ]

    private func list(_ keys: JSON) throws -> [String] {
        let page = try Filled.object(KeysAPI.Page.self, ["data": keys])
        let now = try #require(Timestamp(rfc3339: "2026-12-31T23:59:59Z"))
        return KeyReport.list(page.data, at: now, Self.plain)
    }

    @Test func `keys are told apart by their ends, and say whether they work`() throws {
        let imported: JSON = ["id": "key_2", "disabled": true]
        let ended: JSON = ["id": "key_3", "last4": "0000", "expires_at": "2026-12-31T23:59:59Z"]
        #expect(
            try list([Self.made, imported, ended]) == [
                "KEY    LAST 4      LABEL       STATE     CREATED               EXPIRES               LAST USED",
                "key_1  …x7Qa       production  enabled   2026-11-26T09:00:00Z  2027-01-01T00:00:00Z  "
                    + "2026-11-26T09:30:00Z",
                "key_2  (imported)              disabled  2026-11-26T09:00:00Z",
                "key_3  …0000                   ended     2026-11-26T09:00:00Z  2026-12-31T23:59:59Z",
            ])
        #expect(try list([]) == ["no keys"])
    }

    @Test func `a label writes nothing but itself to a terminal`() throws {
        let lines = try list([["id": "key_1", "label": "a\u{1B}[2Jb"]])
        #expect(lines.allSatisfy { !$0.contains("\u{1B}") })
    }

    @Test func `a new key stands alone on the first line, and one that was made before is not shown`() throws {
        let new = try Filled.object(
            KeysAPI.ShownKey.self, ["id": "key_1", "customer": "cus_1", "key": "tg_live_x"])
        #expect(
            KeyReport.new(new, Self.plain) == [
                "tg_live_x", "", "key_1 of cus_1. The first line is the key: it is not shown again.",
            ])
        let known = try Filled.object(KeysAPI.ShownKey.self, ["id": "key_1", "customer": "cus_1"])
        #expect(
            KeyReport.new(known, Self.plain) == [
                "key_1 of cus_1 was made by an earlier request, and is not shown again: if nobody has it, delete it"
            ])
    }
}
