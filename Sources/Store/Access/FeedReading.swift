// SPDX-License-Identifier: Apache-2.0

/// What one look at the feed of changes has found.
package struct FeedReading: Sendable {
    /// In the order of the feed.
    package let changes: [FeedChange]
    /// Up to where everything has been read.
    package let end: FeedPosition
    /// Whether there is more behind `end`.
    package let hasMore: Bool
    package let moment: FeedMoment
    /// Whether changes are committed that cannot be read yet, because an older transaction still runs.
    package let hidesSome: Bool
    /// Customers whose answer cannot be read, damaged or of a newer version: they are left out.
    package let unreadable: [(customer: String, error: any Error)]
}
