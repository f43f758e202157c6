// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import StripeSetup

@Suite struct DeliveryDiagnosisTests {
    private static let now = Timestamp(seconds: 1_000_000)

    private func ago(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_000_000 - seconds) }

    private func judge(newest: Timestamp?, made: Timestamp? = nil, _ listed: [(String, Int64)]) -> DoctorCheck {
        let events = listed.map { DeliveryDiagnosis.Listed(type: $0.0, created: ago($0.1)) }
        return DeliveryDiagnosis.judge(newest: newest, made: made, listed: events, now: Self.now) { $0 == "a" }
    }

    @Test func `what Stripe has, a rule wants, and did not come is a fault`() {
        let check = judge(newest: ago(3600), [("a", 600), ("a", 3000), ("b", 600), ("a", 10), ("a", 3700)])
        #expect(check.isOK == false)
        #expect(check.detail.contains("Stripe has 2 since that should have come: a"), "\(check.detail)")
    }

    @Test func `what is new, unwanted, or older than the endpoint need not have come`() {
        #expect(judge(newest: ago(3600), [("b", 600), ("a", 10), ("a", 3600)]).isOK == true)
        #expect(judge(newest: nil, made: ago(900), [("a", 1000)]).isOK == nil)
        #expect(judge(newest: nil, made: ago(900), [("a", 800)]).isOK == false)
        #expect(judge(newest: nil, [("a", 86_000)]).isOK == false)
        #expect(judge(newest: ago(300), made: ago(900), []).isOK == true)
        // Another endpoint's secret signed it.
        #expect(judge(newest: ago(1000), made: ago(900), []).isOK == nil)
    }

    @Test func `events that were missed are a fault, and an unknown number is no good news`() {
        #expect(DeliveryDiagnosis.missed(3, comparedAt: ago(1), now: Self.now).isOK == false)
        #expect(DeliveryDiagnosis.missed(0, comparedAt: ago(600), now: Self.now).isOK == true)
        #expect(DeliveryDiagnosis.missed(0, comparedAt: ago(90_000), now: Self.now).isOK == nil)
        #expect(DeliveryDiagnosis.missed(0, comparedAt: nil, now: Self.now).isOK == nil)
    }

    @Test func `a listed event is read, and what is none is not`() {
        let event: JSON = ["type": "a", "created": 5]
        #expect(DeliveryDiagnosis.Listed(event) == .init(type: "a", created: Timestamp(seconds: 5)))
        let strange: [JSON] = [[:], ["type": "a"], ["type": "a", "created": -5], ["type": "a", "created": "5"], "a"]
        for json in strange { #expect(DeliveryDiagnosis.Listed(json) == nil) }
    }
}
