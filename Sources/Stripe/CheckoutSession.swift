// SPDX-License-Identifier: Apache-2.0

import Notation

/// A Checkout session. Source: https://docs.stripe.com/api/checkout/sessions/object
package struct CheckoutSession: Sendable, Hashable {
    package let id: String
    package let mode: String?
    /// `paid`, `unpaid` (a delayed method: the money may still come) or `no_payment_required`.
    package let paymentStatus: String?
    /// Nil for a guest.
    package let customer: String?
    package let paymentIntent: String?
    /// The invoice that `invoice_creation` made for the payment.
    package let invoice: String?
    package let currency: String?
    /// In the currency's smallest unit.
    package let amountTotal: Int64?
    /// Says how many credits it sells.
    package let metadata: Result<Metadata, FieldError>
    /// Nil if it does not carry all of them, as in every event until they were fetched.
    package let lines: Result<[CheckoutLine], FieldError>?
    package let unreadable: [FieldError]

    package init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        mode = try fields.word("mode")
        paymentStatus = try fields.word("payment_status")
        var unreadable = Unreadable()
        customer = unreadable.read(try fields.customer)
        paymentIntent = unreadable.read(try fields.reference("payment_intent"))
        invoice = unreadable.read(try fields.reference("invoice"))
        currency = fields.currency
        amountTotal = unreadable.read(try fields.amount("amount_total"))
        metadata = Result { () throws(FieldError) in try fields.metadata }
        let hasMoreLines = unreadable.read(try fields.nested("line_items").flag("has_more")) ?? false
        lines =
            fields["line_items"] == nil || hasMoreLines
            ? nil
            : Result { () throws(FieldError) in
                try fields.items("line_items").map { item throws(FieldError) in try CheckoutLine(item.checked) }
            }
        self.unreadable = unreadable.errors
    }
}
