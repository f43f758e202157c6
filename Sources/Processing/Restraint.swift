/// What a worker leaves to the inbox of its own process: acknowledgements come first, and a burst may let the processing
/// fall behind, but not for long.
struct Restraint {
    /// The share of its time that a worker takes, however busy the inbox is.
    static let leastShare = 0.05
    /// Events that are due for so long are worked off at full speed, whatever arrives.
    static let patience: Duration = .seconds(30)
    private static let longestPause: Duration = .seconds(1)

    /// How long a worker rests after a batch: as long as leaves to the inbox the share of time that it uses anyway.
    /// - Parameters:
    ///   - took: how long the batch took.
    ///   - inboxShare: of the time since the last batch, how much of it the inbox was at work; 0 to 1.
    ///   - waited: for how long the oldest event of the batch had been due.
    static func pause(after took: Duration, inboxShare: Double, waited: Duration) -> Duration {
        guard waited < patience else { return .zero }
        let share = max(leastShare, 1 - inboxShare)
        return min(longestPause, max(.zero, took * (1 / share - 1)))
    }
}
