// SPDX-License-Identifier: Apache-2.0

/// Decides when to report a spool that cannot be drained: each reason once while the trouble lasts, and at most once a
/// minute however often it comes and goes.
struct DrainTrouble {
    typealias Instant = ContinuousClock.Instant

    private static let interval: Duration = .seconds(60)
    /// For the reasons that are remembered.
    private static let limit = 100

    /// The reasons for the current trouble.
    private var reasons: Set<String> = []
    private var saidAt: [String: Instant] = [:]
    private var isReported = false

    /// - Returns: whether to report it.
    mutating func failed(_ reason: String, at now: Instant) -> Bool {
        guard !reasons.contains(reason) else { return false }
        if let last = saidAt[reason], last.duration(to: now) < Self.interval { return false }
        if reasons.count >= Self.limit { reasons = [] }
        if saidAt.count >= Self.limit { saidAt = saidAt.filter { $0.value.duration(to: now) < Self.interval } }
        if saidAt.count >= Self.limit { return false }
        reasons.insert(reason)
        saidAt[reason] = now
        isReported = true
        return true
    }

    /// - Returns: whether to report that it is over.
    mutating func worked() -> Bool {
        defer {
            isReported = false
            reasons = []
        }
        return isReported
    }
}
