// SPDX-License-Identifier: Apache-2.0

import Notation

/// A payment of an invoice: since 2025-05-28.basil the only link between the two.
/// Source: https://docs.stripe.com/api/invoice-payment/object
package struct InvoicePayment: Sendable, Hashable {
    package let invoice: String
    package let paymentIntent: String?
    package let charge: String?

    package init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        guard let invoice = try fields.reference("invoice") else {
            throw FieldError(fields.path(of: "invoice"), "is missing")
        }
        self.invoice = invoice
        let payment = try fields.nested("payment")
        paymentIntent = try payment.reference("payment_intent")
        charge = try payment.reference("charge")
    }
}
