// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import StripeSetup

@Suite struct ClockDiagnosisTests {
    private func reading(_ ahead: Int64) -> ClockDiagnosis.Reading {
        ClockDiagnosis.Reading(
            Timestamp(seconds: 1001 + ahead), from: Timestamp(seconds: 1000), to: Timestamp(seconds: 1002))
    }

    @Test(arguments: [(0, true), (60, true), (-60, true), (61, false), (-61, false), (3600, false)] as [(Int64, Bool)])
    func `a clock that differs by more than a minute is a fault`(_ ahead: Int64, _ isOK: Bool) {
        #expect(ClockDiagnosis.stripe(reading(ahead)).isOK == isOK)
        #expect(ClockDiagnosis.database(reading(ahead), stripe: nil).isOK == isOK)
    }

    @Test func `PostgreSQL's clock is held against both others`() {
        let far = ClockDiagnosis.database(reading(-40), stripe: reading(40))
        #expect(far.isOK == false)
        #expect(far.detail == "PostgreSQL's clock is 40 s behind this machine's, 80 s behind Stripe's")
        #expect(ClockDiagnosis.database(reading(40), stripe: reading(40)).isOK == true)
    }

    @Test func `words say which clock is ahead`() {
        #expect(ClockDiagnosis.stripe(reading(90)).detail == "this machine's clock is 90 s behind Stripe's")
        #expect(ClockDiagnosis.stripe(reading(1)).detail == "this machine's clock is the same as Stripe's, to a second")
    }
}
