// SPDX-License-Identifier: Apache-2.0

import Notation

/// One page of Stripe's list of events.
package struct ListedPage: Sendable {
    package let deliveries: [Delivery]
    /// The event from which the next page goes on; nil: there is no next page, or no way to it.
    package let next: String?
    /// Whether Stripe has more.
    package let hasMore: Bool
    /// What happened later is left out, as it may still be on its way to us; nil: nothing is.
    package let settled: Timestamp?

    package init(_ deliveries: [Delivery], next: String?, hasMore: Bool, settled: Timestamp? = nil) {
        self.deliveries = deliveries
        self.next = next
        self.hasMore = hasMore
        self.settled = settled
    }
}
