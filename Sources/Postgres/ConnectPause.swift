// SPDX-License-Identifier: Apache-2.0

/// The time between attempts to connect to a server that refuses: 50 ms, doubled up to 1 s, minus a random part.
struct ConnectPause {
    private static let first: Duration = .milliseconds(50)
    private static let longest: Duration = .seconds(1)

    private var step = Self.first
    private var until: ContinuousClock.Instant?
    private var failure: PostgresError?

    /// - Throws: the last failure, while its pause lasts.
    func check(at now: ContinuousClock.Instant = .now) throws(PostgresError) {
        if let until, let failure, now < until { throw failure }
    }

    mutating func reset() {
        self = ConnectPause()
    }

    /// - Parameter random: 0 to 1, the fraction of the pause to take.
    mutating func extend(after failure: PostgresError, random: Double, at now: ContinuousClock.Instant = .now) {
        self.failure = failure
        until = now + step * random
        step = min(step * 2, Self.longest)
    }
}
