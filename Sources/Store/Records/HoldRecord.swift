// SPDX-License-Identifier: Apache-2.0

import Billing

/// A hold as it is at this moment, with its customer's balance.
package struct HoldRecord: Sendable {
    package let customer: String
    package let hold: Hold
    package let credits: Int64
    package let available: Int64

    /// - Parameter balance: of the same moment; it knows the holds that have ended by themselves since they were written.
    init(_ hold: Hold, _ balance: Balance) {
        customer = balance.customer
        self.hold = balance.holds[hold.id] ?? hold
        credits = balance.credits
        available = balance.available
    }
}
