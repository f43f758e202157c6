// SPDX-License-Identifier: Apache-2.0

/// What an object of the contract contains: a property for each of its members, and nothing else.
///
/// ```swift
/// package struct PriceContent: ObjectContent {
///     package static let form = ObjectForm("Price", PriceContent())
///     package let price = Property("price", .priceID)
///     package let credits = Property("credits", .integer)
/// }
/// ```
package protocol ObjectContent: Sendable {
    static var form: ObjectForm<Self> { get }
}
