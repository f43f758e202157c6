// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import Gateway
import Notation
import Store
import TestSupport
import Testing

@testable import Server

@Suite struct AuthorizeHeadersTests {
    private static func lines(_ answer: AccessCache.Answer, _ key: APIKeyAnswer, isStale: Bool) -> [String] {
        let bytes = AuthorizeHeaders.lines(answer, key, isStale: isStale)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    private static func key(id: String = "key_1", customer: String = "cus_1") -> APIKeyAnswer {
        APIKeyAnswer(id: id, customer: customer, livemode: true, expiresAt: nil, isOff: false, version: 1)
    }

    @Test func `all headers of the contract are there, in its order, and empty where there is nothing to say`() {
        let bare = AccessCache.Answer(reason: .credits, until: nil, credits: -7, version: 3)
        let values = ["cus_1", "key_1", "credits", "", "-7", "3", ""]
        let names = AuthorizeAPI.Header.allCases.map(\.rawValue)
        let expected = zip(names, values).map { "\($0): \($1)" }
        #expect(Self.lines(bare, Self.key(), isStale: false) == [""] + expected + ["Cache-Control: no-store"])

        let whole = AccessCache.Answer(reason: .gracePeriod, until: .noon, credits: 0, version: 1)
        let lines = Self.lines(whole, Self.key(), isStale: true)
        #expect(lines.contains("Tollgate-Reason: grace_period"))
        #expect(lines.contains("Tollgate-Until: 2027-01-15T08:00:00Z"))
        #expect(lines.contains("Tollgate-Stale: true"))
    }

    @Test(arguments: Reason.allCases)
    func `the longest values fit`(_ reason: Reason) {
        let answer = AccessCache.Answer(
            reason: reason, until: Timestamp(microseconds: .min + 1), credits: .min, version: .min)
        let id = String(repeating: "x", count: 255)
        let lines = Self.lines(answer, Self.key(id: id, customer: id), isStale: true)
        #expect(lines.count == AuthorizeAPI.Header.allCases.count + 2)
        #expect(lines.contains("Tollgate-Credits: \(Int64.min)") && lines.contains("Tollgate-Key: \(id)"))
    }
}
