// SPDX-License-Identifier: Apache-2.0

import Notation

/// A dispute. Names no customer: only its payment leads to one, in old versions only its charge.
/// Source: https://docs.stripe.com/api/disputes/object
package struct Dispute: Sendable, Hashable {
    package let id: String
    /// In the currency's smallest unit; may differ from the charge's.
    package let amount: Int64
    /// Usually the charge's.
    package let currency: String?
    package let status: String?
    package let charge: String?
    package let paymentIntent: String?

    package init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        let charge = try fields.reference("charge")
        self.charge = charge
        // In the oldest versions a dispute has no id, and a charge has at most one dispute.
        if let charge, fields["id"] == nil { id = charge } else { id = try fields.requiredID() }
        amount = try fields.requiredAmount("amount")
        currency = fields.currency
        status = try fields.word("status")
        paymentIntent = try fields.reference("payment_intent")
    }
}
