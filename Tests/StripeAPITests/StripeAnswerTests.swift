// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import StripeAPI

@Suite struct StripeAnswerTests {
    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        ("Sat, 28 Feb 2026 23:59:59 GMT", "2026-02-28T23:59:59Z"),
        ("Sun, 06 Nov 1994 08:49:37 CET", nil), ("Sunday, 06-Nov-94 08:49:37 GMT", nil),
        ("Mon, 30 Feb 2026 00:00:00 GMT", nil),
        ("", nil), ("Sun, 6 Nov 1994 08:49:37 GMT", nil),
    ])
    func `Stripe's clock is read from its Date header`(_ text: String, _ expected: String?) {
        #expect(StripeAnswer.time(text)?.description == expected.flatMap { Timestamp(rfc3339: $0) }?.description)
    }
}
