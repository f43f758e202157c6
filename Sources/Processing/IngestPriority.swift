// SPDX-License-Identifier: Apache-2.0

/// How much a worker yields to its own process's inbox: acknowledgements come first, and processing may fall behind in
/// a burst, but less so the longer events have waited.
struct IngestPriority {
    /// This many events in one batch of the inbox, or more, are a burst.
    private static let burst = 16.0
    /// The minimum share of its time that a worker takes, whatever arrives.
    private static let leastShare = 0.05
    /// Events that have been due for this long are processed at full speed.
    private static let latenessLimit: Duration = .seconds(30)
    private static let longestPause: Duration = .seconds(1)

    /// How long a worker rests after a batch.
    /// - Parameters:
    ///   - took: how long the batch took.
    ///   - arrivals: the mean number of events in the inbox's batches since the last one; 0 if there were none.
    ///   - waited: how long the oldest event of the batch had been due.
    static func pause(after took: Duration, arrivals: Double, waited: Duration) -> Duration {
        let lateness = waited / latenessLimit
        let share = max(leastShare, 1 - arrivals / burst, lateness * lateness)
        return min(longestPause, max(.zero, took * (1 / share - 1)))
    }
}
