/// How long an event that failed for a passing reason waits for its next attempt.
struct Backoff: Sendable {
    static let attemptLimit = 12
    private static let first: Duration = .seconds(5)
    private static let longest: Duration = .seconds(3600)

    /// Doubles from 5 s up to 1 h; nil after the last attempt.
    /// - Parameters:
    ///   - attempt: the attempts made so far, 1 or more.
    ///   - random: 0 to 1; the delay lies between half of its step and all of it, so that many do not come back
    ///     at once.
    static func delay(after attempt: Int, random: Double) -> Duration? {
        guard attempt < attemptLimit else { return nil }
        let step = min(first * (1 << max(0, attempt - 1)), longest)
        return step * (0.5 + random.clamped(to: 0...1) / 2)
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        min(max(self, range.lowerBound), range.upperBound)
    }
}
