// SPDX-License-Identifier: Apache-2.0

import Notation

/// A PaymentIntent. Source: https://docs.stripe.com/api/payment_intents/object
package struct PaymentIntent: Sendable, Hashable {
    package let id: String
    package let customer: String?
    package let currency: String?
    /// In the currency's smallest unit: what was authorised.
    package let amount: Int64?
    /// In the currency's smallest unit.
    package let amountReceived: Int64?
    /// `latest_charge` since 2022-11-15.
    package let latestCharge: String?
    /// `charges`, before that.
    package let charges: [Charge]
    /// The invoice that it pays; removed in 2025-03-31.basil.
    package let invoice: String?
    package let metadata: Result<Metadata, FieldError>
    package let unreadable: [FieldError]

    package init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        var unreadable = Unreadable()
        customer = unreadable.read(try fields.customer)
        currency = fields.currency
        amount = unreadable.read(try fields.amount("amount"))
        amountReceived = unreadable.read(try fields.amount("amount_received", "amount"))
        latestCharge = unreadable.read(try fields.reference("latest_charge"))
        let charges = unreadable.list("charges", of: fields) { item throws(FieldError) in try Charge(item) }
        for charge in charges { unreadable.note(charge.unreadable) }
        self.charges = charges
        invoice = unreadable.read(try fields.reference("invoice"))
        metadata = Result { () throws(FieldError) in try fields.metadata }
        self.unreadable = unreadable.errors
    }
}
