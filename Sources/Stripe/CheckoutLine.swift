// SPDX-License-Identifier: Apache-2.0

import Notation

/// What one line of a Checkout session sells. Events do not carry them: they are fetched.
/// Source: https://docs.stripe.com/api/checkout/sessions/line_items
package struct CheckoutLine: Sendable, Hashable {
    package let price: String?
    /// 1 if none is given.
    package let quantity: Int64
    /// In the currency's smallest unit, before discounts and taxes.
    package let subtotal: Int64?
    /// The same, after discounts and without taxes.
    package let paid: Int64?
    /// Its path, for errors.
    package let path: String

    init(_ fields: Fields) throws(FieldError) {
        path = fields.path
        price = try fields.price("price")
        quantity = try fields.integer("quantity") ?? 1
        subtotal = try fields.amount("amount_subtotal")
        let tax = try fields.amount("amount_tax") ?? 0
        paid = try fields.amount("amount_total", "amount_subtotal").map { max(0, $0 - tax) }
    }
}
