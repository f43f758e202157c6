// SPDX-License-Identifier: Apache-2.0

/// When something is said about a spool that cannot be drained: each reason once while the trouble lasts, and no more than
/// once a minute however often it comes and goes.
struct DrainTrouble {
    typealias Instant = ContinuousClock.Instant

    private static let interval: Duration = .seconds(60)
    /// Of reasons that are remembered.
    private static let limit = 100

    /// The reasons of this trouble.
    private var reasons: Set<String> = []
    private var saidAt: [String: Instant] = [:]
    private var isTold = false

    /// - Returns: whether to say it.
    mutating func failed(_ reason: String, at now: Instant) -> Bool {
        guard !reasons.contains(reason) else { return false }
        if let last = saidAt[reason], last.duration(to: now) < Self.interval { return false }
        if reasons.count >= Self.limit { reasons = [] }
        if saidAt.count >= Self.limit { saidAt = saidAt.filter { $0.value.duration(to: now) < Self.interval } }
        if saidAt.count >= Self.limit { return false }
        reasons.insert(reason)
        saidAt[reason] = now
        isTold = true
        return true
    }

    /// - Returns: whether to say that it is over.
    mutating func worked() -> Bool {
        defer {
            isTold = false
            reasons = []
        }
        return isTold
    }
}
