// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import StripeSetup

@Suite struct DeliveryDiagnosisTests {
    private static let now = Timestamp(seconds: 1_000_000)

    private func ago(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_000_000 - seconds) }

    private func judge(
        newest: Timestamp?, made: Timestamp? = nil, _ listed: [(String, Int64)], arrived: Set<String> = []
    ) -> DoctorCheck {
        let events = listed.map { DeliveryDiagnosis.Listed(id: "evt_\($0.1)", type: $0.0, created: ago($0.1)) }
        return DeliveryDiagnosis.judge(newest: newest, made: made, listed: events, arrived: arrived, now: Self.now) {
            $0 == "a"
        }
    }

    @Test func `what Stripe has, a rule wants, and did not come is a fault`() {
        let check = judge(
            newest: ago(3600), [("a", 600), ("a", 3000), ("b", 600), ("a", 10), ("a", 3700)], arrived: ["evt_3700"])
        #expect(check.isOK == false)
        #expect(
            check.detail.contains("; 2 that Stripe has since \(ago(3700)) did not come by webhook: a"),
            "\(check.detail)")
        for advice in [check.advice, missed(1, unprocessed: 1).advice, missed(1).advice] {
            #expect(advice?.contains("`a webhook was refused`: then STRIPE_WEBHOOK_SECRET lacks") == true)
        }
    }

    @Test func `what is new, unwanted, or older than the endpoint need not have come`() {
        #expect(judge(newest: ago(3600), [("b", 600), ("a", 10), ("a", 3600)], arrived: ["evt_3600"]).isOK == true)
        #expect(judge(newest: nil, made: ago(900), [("a", 1000)]).isOK == nil)
        #expect(judge(newest: nil, made: ago(900), [("a", 800)]).isOK == false)
        #expect(judge(newest: nil, [("a", 86_000)]).isOK == false)
        #expect(judge(newest: ago(300), made: ago(900), []).isOK == true)
        #expect(judge(newest: ago(900), [("a", 300)]).isOK == false)
        #expect(judge(newest: ago(900), [("a", 600)], arrived: ["evt_600"]).isOK == true)
        // What Stripe does not have shows nothing of its deliveries; what came later shows that they are in order again.
        #expect(judge(newest: ago(10), [("a", 600)]).isOK == false)
        #expect(judge(newest: ago(10), [("a", 600), ("a", 400)], arrived: ["evt_400"]).isOK == true)
        // Another endpoint's secret signed it.
        #expect(judge(newest: ago(1000), made: ago(900), []).isOK == nil)
    }

    private func missed(
        _ count: Int, unprocessed: Int = 0, deliveredAt: Timestamp? = Self.now - .seconds(29),
        comparedAt: Timestamp? = nil
    ) -> DoctorCheck {
        DeliveryDiagnosis.missed(
            count, unprocessed: unprocessed, foundAt: count > 0 ? ago(30) : nil, deliveredAt: deliveredAt,
            comparedAt: comparedAt, now: Self.now)
    }

    @Test func `missed events are a fault until they are processed and others come, an unknown number is no good news`()
    {
        let waiting = missed(3, unprocessed: 1, comparedAt: ago(1))
        #expect(waiting.isOK == false && waiting.detail.hasSuffix("; all were taken in, but 1 not processed"))
        let done = missed(3, comparedAt: ago(1))
        #expect(done.isOK == true && done.detail.hasPrefix("3 in the last 24 hours, the last found at \(ago(30));"))
        #expect(done.advice != nil)
        for delivered in [nil, ago(30), ago(3600)] {
            let silent = missed(3, deliveredAt: delivered, comparedAt: ago(1))
            #expect(silent.isOK == false && silent.detail.hasSuffix("but no webhook has come since"))
        }
        let none = missed(0, comparedAt: ago(600))
        #expect(none.isOK == true && none.advice == nil)
        #expect(missed(0, comparedAt: ago(90_000)).isOK == nil)
        #expect(missed(0).isOK == nil)
    }

    @Test func `a listed event is read, and what is none is not`() {
        let event: JSON = ["id": "evt_1", "type": "a", "created": 5]
        #expect(DeliveryDiagnosis.Listed(event) == .init(id: "evt_1", type: "a", created: Timestamp(seconds: 5)))
        let strange: [JSON] = [
            [:], "a", ["type": "a", "created": 5], ["id": "evt_1", "type": "a"],
            ["id": "evt_1", "type": "a", "created": -5], ["id": "evt_1", "type": "a", "created": "5"],
        ]
        for json in strange { #expect(DeliveryDiagnosis.Listed(json) == nil) }
    }
}
