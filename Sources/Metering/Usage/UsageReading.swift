// SPDX-License-Identifier: Apache-2.0

/// What a usage object says: the parts of the call, each priced by itself, as one response may be of several models.
package struct UsageReading: Hashable, Sendable {
    /// What was assumed, or is out of the ordinary.
    package enum Mark: String, Sendable {
        /// How long the cache keeps what was written was not said, and the cheaper of both was taken.
        case cacheWritesTakenAs5m = "cache_writes_taken_as_5m"
        /// It was reported more than 35 days after it was made: Stripe's meters take it no longer.
        case late = "late"
    }

    package var portions: [Portion] = []
    package var marks: Set<Mark> = []

    package init() {}
}
