// SPDX-License-Identifier: Apache-2.0

import StripeAPI
import Testing

@testable import Fetching

@Suite struct StripeTroublesTests {
    @Test func `each kind of error is told once, until the trouble is over`() {
        var troubles = StripeTroubles()
        let errors: [StripeAPIError] = [
            .unavailable("no connection"), .unavailable("it answers 500"), .unavailable("no connection"), .keyRefused,
            .unavailable("no connection"), .keyRefused,
        ]
        let told = errors.map { troubles.failed("", $0) }
        #expect(told == [true, false, false, true, false, false])
        let other = troubles.failed("acct_1", .keyRefused)
        let ends = [troubles.worked(""), troubles.worked("")]
        let again = troubles.failed("", .keyRefused)
        #expect(other && ends == [true, false] && again)
    }
}
