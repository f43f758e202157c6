// SPDX-License-Identifier: Apache-2.0

import Notation

/// An invoice as any API version renders it.
/// Source: https://docs.stripe.com/api/invoices/object and the 2025-03-31.basil changelog.
package struct Invoice: Sendable, Hashable {
    package let id: String
    package let customer: String?
    /// The subscription it bills: `parent` since basil, the top-level field before, else what its lines name.
    package let subscription: String?
    package let billingReason: String?
    /// `charge_automatically` or `send_invoice`; in the oldest versions as `billing`.
    package let collectionMethod: String?
    /// When it was made; in the oldest versions as `date`.
    package let created: Timestamp?
    package let currency: String?
    /// In the currency's smallest unit.
    package let amountPaid: Int64?
    /// If the version has them: `payment_intent` and `charge` before basil; since then `payments`, if expanded.
    package let payments: [Payment]
    /// Only the first ones: an event embeds ten. Nil if they cannot be read.
    package let lines: [InvoiceLine]?
    /// What it says about what it sells.
    package let terms: Result<Terms, FieldError>
    /// What else is unreadable, apart from the terms and what the lines sell.
    package let unreadable: [FieldError]

    package init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        customer = try fields.customer
        var unreadable = Unreadable()
        billingReason = unreadable.read(try fields.word("billing_reason"))
        let method = unreadable.read(try fields.word("collection_method"))
        let legacyMethod = unreadable.read(try fields.word("billing"))
        collectionMethod = method ?? legacyMethod
        created = fields.hint("created") ?? fields.hint("date")
        currency = fields.currency
        amountPaid = unreadable.read(try fields.integer("amount_paid")).map { max(0, $0) }
        let lines = unreadable.read(try fields.items("lines"))?.map(InvoiceLine.init)
        for line in lines ?? [] { unreadable.note(line.unreadable) }
        self.lines = lines
        terms = Result { () throws(FieldError) in try Terms(fields) }

        let parent = unreadable.read(try fields.nested("parent.subscription_details").reference("subscription"))
        let legacy = unreadable.read(try fields.reference("subscription"))
        subscription = parent ?? legacy ?? lines?.lazy.compactMap(\.subscription).first

        let own = unreadable.read(try Payment(fields))
        let listed = unreadable.list("payments", of: fields) { item throws(FieldError) in
            try Payment(item.nested("payment"))
        }
        payments = ([own].compactMap(\.self) + listed).filter { $0.paymentIntent != nil || $0.charge != nil }
        self.unreadable = unreadable.errors
    }

    /// What paid an invoice.
    package struct Payment: Sendable, Hashable {
        package let paymentIntent: String?
        package let charge: String?

        init(_ fields: Fields) throws(FieldError) {
            paymentIntent = try fields.reference("payment_intent")
            charge = try fields.reference("charge")
        }
    }

    /// What an invoice says about what it sells, apart from its lines.
    package struct Terms: Sendable, Hashable {
        package let metadata: Metadata
        /// The subscription's, which Stripe copies to each of its lines; nil if the version does not include it.
        package let subscriptionMetadata: Metadata?
        package let hasMoreLines: Bool
        /// Including taxes and discounts, in the currency's smallest unit; nil if it is not needed.
        package let total: Int64?
        /// The part of it that credit notes settled before it was paid.
        package let creditedBeforePayment: Int64

        init(_ fields: Fields) throws(FieldError) {
            metadata = try fields.metadata
            let parent = try fields.nested("parent.subscription_details")
            let details = parent["metadata"] == nil ? try fields.nested("subscription_details") : parent
            subscriptionMetadata = details["metadata"] == nil ? nil : try details.metadata
            hasMoreLines = try fields.nested("lines").flag("has_more") ?? false
            creditedBeforePayment = try fields.amount("pre_payment_credit_notes_amount") ?? 0
            total = creditedBeforePayment > 0 ? try fields.integer("total") : nil
        }
    }

    /// The latest `lines.data[].period.end`; nil if no line has a readable period.
    package var periodEnd: Timestamp? { lines?.compactMap(\.periodEnd).max() }
}
