// SPDX-License-Identifier: Apache-2.0

/// How long a task waits for a Stripe that does not answer.
struct GiveUpRule: Sendable {
    typealias Instant = ContinuousClock.Instant

    static let limit: Duration = .seconds(60)
    private static let pause: Duration = .seconds(2)

    private var since: Instant?

    mutating func worked() {
        since = nil
    }

    /// - Returns: how long to wait before asking again; nil to give up.
    mutating func failed(at now: Instant) -> Duration? {
        let began = since ?? now
        since = began
        let rest = Self.limit - began.duration(to: now)
        return rest > .zero ? min(Self.pause, rest) : nil
    }

    /// How long the next answer may take.
    func rest(at now: Instant) -> Duration {
        guard let since else { return Self.limit }
        return max(.seconds(1), Self.limit - since.duration(to: now))
    }
}
