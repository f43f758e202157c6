// SPDX-License-Identifier: Apache-2.0

/// One page of Stripe's list of events.
package struct ListedPage: Sendable {
    package let deliveries: [Delivery]
    /// The last event that Stripe listed, from which the next page goes on; nil: there is no next page.
    package let next: String?

    package init(_ deliveries: [Delivery], next: String?) {
        self.deliveries = deliveries
        self.next = next
    }
}
