// SPDX-License-Identifier: Apache-2.0

/// What a worker leaves to the inbox of its own process: acknowledgements come first, and a burst may let the processing
/// fall behind, but the longer events have waited the less.
struct IngestPriority {
    /// So many events in one batch of the inbox, or more, are a burst.
    private static let burst = 16.0
    /// The share of its time that a worker takes, whatever arrives.
    private static let leastShare = 0.05
    /// Events that are due for so long are worked off at full speed.
    private static let patience: Duration = .seconds(30)
    private static let longestPause: Duration = .seconds(1)

    /// How long a worker rests after a batch.
    /// - Parameters:
    ///   - took: how long the batch took.
    ///   - arrivals: how many events the batches of the inbox held since the last one, in the mean; 0 where there was none.
    ///   - waited: for how long the oldest event of the batch had been due.
    static func pause(after took: Duration, arrivals: Double, waited: Duration) -> Duration {
        let lateness = waited / patience
        let share = max(leastShare, 1 - arrivals / burst, lateness * lateness)
        return min(longestPause, max(.zero, took * (1 / share - 1)))
    }
}
