// SPDX-License-Identifier: Apache-2.0

/// A balance beyond 64 bits: it cannot be real, so it is refused rather than wrapped.
package struct BalanceOverflow: Error, Hashable, CustomStringConvertible {
    package let customer: String
    package let amount: Int64

    package var description: String { "the balance of \(customer) cannot take \(amount) more credits" }

    /// The same without what the payload says.
    package static let loggable = "the customer's balance cannot take that many more credits"
}
