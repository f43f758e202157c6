// SPDX-License-Identifier: Apache-2.0

/// One pool of one model: quantity × rate × factors = cost, to the last digit.
package struct ReceiptLine: Hashable, Sendable {
    package let model: String
    /// Of the price book.
    package let version: String
    package let pool: Pool
    package let quantity: Int64
    /// In dollars for a million tokens, a thousand searches or one unit.
    package let rate: DecimalNumber
    /// By their names: `batch`, `geo:us`, `speed:fast`.
    package let factors: [String: Factor]
    package let cost: Dollars
}
