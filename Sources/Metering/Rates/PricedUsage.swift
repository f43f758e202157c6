// SPDX-License-Identifier: Apache-2.0

/// What a call costs at list prices, and how that adds up.
package struct PricedUsage: Hashable, Sendable {
    package var lines: [ReceiptLine] = []
    /// The sum of the lines.
    package var cost = Dollars.zero
    /// The version of the price book that the first part of the call was priced by; nil if nothing was used.
    package var version: String?

    package init() {}
}
