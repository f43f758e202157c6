// SPDX-License-Identifier: Apache-2.0

/// Whether and when a request is sent again, as Stripe's own libraries decide it; only that a request that was one too many,
/// or was redirected, is sent again too. Source: `RequestSender._shouldRetry` of stripe-node
package struct RetryRule: Sendable {
    /// What came of one attempt.
    package enum Outcome: Sendable, Hashable {
        case answered(status: Int, Advice)
        /// No answer: whether it arrived is unknown.
        case unanswered
    }

    /// What the headers of an answer say.
    package struct Advice: Sendable, Hashable {
        /// `Stripe-Should-Retry`
        package var shouldRetry: Bool?
        /// `Retry-After`, in seconds.
        package var retryAfter: Duration?
        /// `Stripe-Rate-Limited-Reason`
        package var limit: String?

        package init(shouldRetry: Bool? = nil, retryAfter: Duration? = nil, limit: String? = nil) {
            self.shouldRetry = shouldRetry
            self.retryAfter = retryAfter
            self.limit = limit
        }
    }

    package enum Action: Sendable, Hashable {
        /// What came is the result.
        case end
        case retry(after: Duration)
    }

    package static let attempts = 4
    let limit: Int
    private static let firstPause: Duration = .milliseconds(500)
    private static let longestPause: Duration = .seconds(5)
    /// What Stripe may ask for.
    private static let longestAdvice: Duration = .seconds(60)

    /// - Parameter attempts: how often one request is sent at most; 1 to never send it again.
    package init(attempts: Int = Self.attempts) {
        limit = attempts
    }

    /// - Parameters:
    ///   - attempt: from 1.
    ///   - random: the jitter, 0.5 to 1.
    package func action(after outcome: Outcome, attempt: Int, random: Double) -> Action {
        guard attempt < limit, Self.isWorthAnother(outcome) else { return .end }
        return .retry(after: Self.pause(after: outcome, attempt: attempt, random: random))
    }

    /// How long nothing like it should be sent.
    package static func pause(after outcome: Outcome, attempt: Int, random: Double) -> Duration {
        // Limits count by the second: sooner than that is one too many again.
        let first = isLimited(outcome) ? firstPause * 4 : firstPause
        let pause = min(first * (1 << (attempt - 1)), longestPause) * random
        guard case .answered(_, let advice) = outcome, let asked = advice.retryAfter else { return pause }
        return max(pause, min(asked, longestAdvice))
    }

    private static func isWorthAnother(_ outcome: Outcome) -> Bool {
        guard case .answered(let status, let advice) = outcome else { return true }
        return advice.shouldRetry ?? (status == 409 || status == 429 || (300..<400).contains(status) || status >= 500)
    }

    private static func isLimited(_ outcome: Outcome) -> Bool {
        if case .answered(429, let advice) = outcome { advice.limit != nil } else { false }
    }
}
