// SPDX-License-Identifier: Apache-2.0

/// A place in the feed of changes, which is in the order of transactions and, of one, of the customers' ids.
package struct FeedPosition: Sendable, Hashable, Comparable {
    /// The id of a transaction, with its epoch.
    package let xid: UInt64
    /// After the change of this customer; empty: before all changes of the transaction.
    package let customer: String

    package init(xid: UInt64, customer: String = "") {
        self.xid = xid
        self.customer = customer
    }

    /// Before every change.
    static let start = FeedPosition(xid: 1)

    package static func < (lhs: FeedPosition, rhs: FeedPosition) -> Bool {
        // As PostgreSQL compares them, by bytes.
        lhs.xid == rhs.xid
            ? lhs.customer.utf8.lexicographicallyPrecedes(rhs.customer.utf8) : lhs.xid < rhs.xid
    }
}
