// SPDX-License-Identifier: Apache-2.0

import StripeAPI
import Testing

@Suite struct RetryRuleTests {
    private func action(
        _ outcome: RetryRule.Outcome, attempt: Int = 1, random: Double = 1
    ) -> RetryRule.Action {
        RetryRule().action(after: outcome, attempt: attempt, random: random)
    }

    @Test(arguments: [200, 400, 401, 402, 403, 404])
    func `what will be answered the same way is not asked again`(_ status: Int) {
        #expect(action(.answered(status: status, .init())) == .end)
    }

    @Test(arguments: [301, 302, 307, 399, 409, 429, 500, 502, 503])
    func `what may pass is asked again, later each time, and not for ever`(_ status: Int) {
        let pauses = (1..<RetryRule.attempts).map { action(.answered(status: status, .init()), attempt: $0) }
        #expect(
            pauses == [
                .retry(after: .milliseconds(500)), .retry(after: .seconds(1)), .retry(after: .seconds(2)),
            ])
        #expect(action(.answered(status: status, .init()), attempt: RetryRule.attempts) == .end)
    }

    @Test func `no answer is asked for again`() {
        #expect(action(.unanswered, random: 0.5) == .retry(after: .milliseconds(250)))
    }

    @Test func `Stripe has the last word`() {
        #expect(action(.answered(status: 400, .init(shouldRetry: true))) == .retry(after: .milliseconds(500)))
        #expect(action(.answered(status: 500, .init(shouldRetry: false))) == .end)
    }

    @Test func `a limit is waited for longer than a lock, and what Stripe asks for is heeded within reason`() {
        #expect(action(.answered(status: 429, .init(limit: "endpoint-rate"))) == .retry(after: .seconds(2)))
        let asked = RetryRule.Advice(retryAfter: .seconds(7))
        #expect(action(.answered(status: 429, asked)) == .retry(after: .seconds(7)))
        let much = RetryRule.Advice(retryAfter: .seconds(3000))
        #expect(action(.answered(status: 503, much)) == .retry(after: .seconds(60)))
    }
}
