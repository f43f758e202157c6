// SPDX-License-Identifier: Apache-2.0

import Notation

/// A line of an invoice as any API version renders it.
/// Source: https://docs.stripe.com/api/invoice-line-item/object and the 2025-03-31.basil changelog.
package struct InvoiceLine: Sendable, Hashable {
    package let subscription: String?
    /// Whether it is billed once (an invoice item), rather than by a subscription each period.
    package let isInvoiceItem: Bool
    package let periodStart: Timestamp?
    package let periodEnd: Timestamp?
    /// Whether it may carry a period that cannot be read.
    package let hasUnreadablePeriod: Bool
    package let sale: Result<Sale, FieldError>
    /// What else is unreadable, apart from the sale.
    package let unreadable: [FieldError]

    /// What a line sells.
    package struct Sale: Sendable, Hashable {
        /// `pricing.price_details` since basil, `price` before, in the oldest versions `plan`.
        package let price: String?
        /// 1 if none is given.
        package let quantity: Int64
        /// In the currency's smallest unit, before discounts; negative if something is given back.
        package let amount: Int64?
        /// What its discounts deduct, 0 or more.
        package let discount: Int64
        /// Whether it bills part of a period, after a change in the middle of it.
        package let isProration: Bool
        /// The subscription whose item it bills: its metadata is the subscription's, unless somebody changed it. Nil
        /// for an item that was added to the invoice.
        package let subscription: String?
        package let metadata: Metadata
        /// Its path, for errors.
        package let path: String
    }

    init(_ fields: Fields) {
        var unreadable = Unreadable()
        sale = Result { () throws(FieldError) in try Sale(fields.checked) }
        let checked = unreadable.read(try fields.checked)
        let fields = checked ?? Fields(.null, at: fields.path)
        let parent = unreadable.read(try fields.nested("parent.subscription_item_details").reference("subscription"))
        let legacy = unreadable.read(try fields.reference("subscription"))
        subscription = parent ?? legacy
        let parentType = unreadable.read(try fields.nested("parent").word("type"))
        let type = unreadable.read(try fields.word("type"))
        isInvoiceItem = parentType == "invoice_item_details" || type == "invoiceitem"
        let period = unreadable.read(try fields.nested("period"))
        periodStart = period?.hint("start")
        periodEnd = unreadable.read(try period?.time("end"))
        hasUnreadablePeriod = checked == nil || period == nil || (periodEnd == nil && period?["end"] != nil)
        self.unreadable = unreadable.errors
    }
}

extension InvoiceLine.Sale {
    init(_ fields: Fields) throws(FieldError) {
        path = fields.path
        let listed = try fields.nested("pricing.price_details").price("price")
        let legacyPrice = try fields.price("price", "plan")
        price = listed ?? legacyPrice
        quantity = try fields.integer("quantity") ?? 1
        amount = try fields.integer("amount")
        discount = try fields.discount
        let subscriptionItem = try fields.nested("parent.subscription_item_details")
        let invoiceItem = try fields.nested("parent.invoice_item_details")
        let flags = [
            try fields.flag("proration"), try subscriptionItem.flag("proration"), try invoiceItem.flag("proration"),
        ]
        isProration = flags.contains(true)
        let (item, type) = (try fields.reference("invoice_item"), try fields.word("type"))
        let billed = try subscriptionItem.reference("subscription")
        let legacy = item == nil && type != "invoiceitem" ? try fields.reference("subscription") : nil
        subscription = billed ?? legacy
        metadata = try fields.metadata
    }
}

extension Fields {
    /// The sum of `discount_amounts`.
    fileprivate var discount: Int64 {
        get throws(FieldError) {
            guard let value = self["discount_amounts"] else { return 0 }
            guard let amounts = value.array else {
                throw FieldError(path(of: "discount_amounts"), "is no list", value: value)
            }
            var sum: Int64 = 0
            for (index, item) in amounts.enumerated() {
                let place = path(of: "discount_amounts.\(index)")
                let (next, overflow) = sum.addingReportingOverflow(
                    try Fields(item, at: place).requiredAmount("amount"))
                guard !overflow else { throw FieldError(place, "is beyond 64 bits") }
                sum = next
            }
            return sum
        }
    }
}
