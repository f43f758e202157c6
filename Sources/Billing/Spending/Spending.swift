// SPDX-License-Identifier: Apache-2.0

/// What a gateway asks of one customer's credits.
package struct Spending: Sendable, Hashable {
    package enum Act: Sendable, Hashable {
        /// Keep credits for a call; repeated while it is open, the same hold.
        case hold(Hold.Terms)
        /// Debit what a call with a hold has used, 0 or more.
        case settle(amount: Int64)
        case release
        /// Keep the hold for so long from now, in whole seconds; never shorter than it is kept anyway.
        case extend(ttl: Duration)
        /// Debit without a hold.
        case debit(Debit.Terms)
    }

    package let customer: String
    /// Of the hold or debit.
    package let id: String
    package let act: Act

    package init(customer: String, id: String, _ act: Act) {
        self.customer = customer
        self.id = id
        self.act = act
    }
}
