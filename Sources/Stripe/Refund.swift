// SPDX-License-Identifier: Apache-2.0

import Notation

/// A refund. Names no customer: only its payment leads to one. Source: https://docs.stripe.com/api/refunds/object
package struct Refund: Sendable, Hashable {
    package let id: String
    /// In the currency's smallest unit.
    package let amount: Int64
    package let currency: String?
    /// `pending`, `requires_action`, `succeeded`, `failed` or `canceled`; nil in the oldest versions, whose refunds
    /// have all succeeded.
    package let status: String?
    package let charge: String?
    package let paymentIntent: String?
    /// The path of its fields, for errors.
    package let path: String

    package init(_ object: JSON) throws(FieldError) {
        try self.init(Fields(object, at: "data.object"))
    }

    init(_ fields: Fields) throws(FieldError) {
        id = try fields.requiredID()
        amount = try fields.requiredAmount("amount")
        currency = fields.currency
        status = try fields.word("status")
        charge = try fields.reference("charge")
        paymentIntent = try fields.reference("payment_intent")
        path = fields.path
    }
}
