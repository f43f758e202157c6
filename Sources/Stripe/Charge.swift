// SPDX-License-Identifier: Apache-2.0

import Notation

/// A charge. Source: https://docs.stripe.com/api/charges/object
package struct Charge: Sendable, Hashable {
    package let id: String
    package let customer: String?
    package let paymentIntent: String?
    /// The invoice that it pays; removed in 2025-03-31.basil.
    package let invoice: String?
    package let currency: String?
    /// In the currency's smallest unit: what was authorised.
    package let amount: Int64?
    /// In the currency's smallest unit; the whole amount if the version does not say how much was captured.
    package let amountCaptured: Int64?
    /// Cumulative over all its refunds.
    package let amountRefunded: Int64?
    /// Whether Stripe marks it as refunded in full.
    package let isRefunded: Bool
    /// `refunds`, embedded before 2022-11-15.
    package let refunds: [Refund]
    /// Whether the money has arrived: it is neither only authorised nor still pending.
    package let isPaid: Bool
    package let unreadable: [FieldError]

    package init(_ object: JSON) throws(FieldError) {
        try self.init(Fields(object, at: "data.object"))
    }

    init(_ fields: Fields) throws(FieldError) {
        id = try fields.requiredID()
        var unreadable = Unreadable()
        customer = unreadable.read(try fields.customer)
        paymentIntent = unreadable.read(try fields.reference("payment_intent"))
        invoice = unreadable.read(try fields.reference("invoice"))
        currency = fields.currency
        amount = unreadable.read(try fields.amount("amount"))
        amountCaptured = unreadable.read(try fields.amount("amount_captured", "amount"))
        amountRefunded = unreadable.read(try fields.amount("amount_refunded"))
        isRefunded = fields["refunded"]?.bool ?? false
        refunds = unreadable.list("refunds", of: fields) { item throws(FieldError) in try Refund(item) }
        let isCaptured = unreadable.read(try fields.flag("captured")) ?? true
        // Called `paid` before 2015-02-18.
        let hasSucceeded =
            unreadable.read(try fields.word("status")).map { ["succeeded", "paid"].contains($0) } ?? true
        isPaid = isCaptured && hasSucceeded
        self.unreadable = unreadable.errors
    }
}
