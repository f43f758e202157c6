// SPDX-License-Identifier: Apache-2.0

import StripeAPI
import Testing

@Suite struct RequestBudgetTests {
    private let start = ContinuousClock.now

    @Test func `requests are spaced, and a pause of ours saves nothing up`() {
        var budget = RequestBudget(rate: 10)
        let places = (0..<3).map { _ in budget.reserve(at: start) }
        #expect(places == [start, start + .milliseconds(100), start + .milliseconds(200)])
        let later = start + .seconds(60)
        let next = (0..<2).map { _ in budget.reserve(at: later) }
        #expect(next == [later, later + .milliseconds(100)])
    }

    @Test func `nothing is sent while Stripe has asked for a pause`() {
        var budget = RequestBudget(rate: 10)
        budget.pause(until: start + .seconds(5))
        let first = budget.reserve(at: start)
        // A shorter one does not end a longer one.
        budget.pause(until: start + .seconds(1))
        let second = budget.reserve(at: start)
        #expect([first, second] == [start + .seconds(5), start + .milliseconds(5100)])
    }
}
