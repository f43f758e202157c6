// SPDX-License-Identifier: Apache-2.0

import Notation

/// A subscription. Source: https://docs.stripe.com/api/subscriptions/object
package struct Subscription: Sendable, Hashable {
    package let id: String
    package let customer: String?
    package let status: String?
    /// `cancellation_details.reason`: `payment_failed` if Stripe gave up on an invoice.
    package let cancellationReason: String?
    package let latestInvoice: String?
    /// When it ended, if it has.
    package let endedAt: Timestamp?
    /// When its current period ends: since basil the latest of its items' periods, before that its own.
    package let currentPeriodEnd: Timestamp?
    /// Of its items, those that a plan could name.
    package let prices: [String]
    /// What happens to its invoices while Stripe does not collect; nil while it does.
    package let pause: Pause?
    package let unreadable: [FieldError]

    package init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        customer = try fields.customer
        status = try fields.word("status")
        var unreadable = Unreadable()
        cancellationReason = unreadable.read(try fields.nested("cancellation_details").word("reason"))
        latestInvoice = unreadable.read(try fields.reference("latest_invoice"))
        endedAt = fields.hint("ended_at")
        let items = unreadable.list("items", of: fields) { item throws(FieldError) in
            // An item without a price that can be read still has its period.
            (end: item.hint("current_period_end"), price: (try? item.price("price", "plan")) ?? nil)
        }
        currentPeriodEnd = fields.hint("current_period_end") ?? items.compactMap(\.end).max()
        prices = items.compactMap(\.price)
        let paused = unreadable.read(try fields.nested("pause_collection"))
        pause = fields["pause_collection"] == nil ? nil : unreadable.read(try paused.map(Pause.init))
        self.unreadable = unreadable.errors
    }

    /// `pause_collection`
    package struct Pause: Sendable, Hashable {
        /// `void`, `keep_as_draft` or `mark_uncollectible`.
        package let behavior: String?
        package let resumesAt: Timestamp?

        init(_ fields: Fields) throws(FieldError) {
            behavior = try fields.word("behavior")
            resumesAt = fields.hint("resumes_at")
        }
    }
}
