// SPDX-License-Identifier: Apache-2.0

import Store

/// What a client is given of the feed at once.
package struct FeedPage: Sendable, Hashable {
    package let changes: [FeedChange]
    /// Where to go on.
    package let cursor: FeedCursor
    package let hasMore: Bool
}
