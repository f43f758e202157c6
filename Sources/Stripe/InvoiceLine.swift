/// A line of an invoice as any API version renders it.
/// Source: https://docs.stripe.com/api/invoice-line-item/object and the 2025-03-31.basil changelog.
public struct InvoiceLine: Sendable, Hashable {
    /// What it sells: `pricing.price_details` since basil, `price` before, in the oldest versions `plan`.
    public let price: String?
    /// 1 where none is given.
    public let quantity: Int64
    /// In the currency's smallest unit; negative for what is given back.
    public let amount: Int64?
    public let subscription: String?
    /// Something billed by itself (an invoice item), and not what a subscription asks for each period.
    public let isInvoiceItem: Bool
    public let periodStart: Timestamp?
    public let periodEnd: Timestamp?
    public let metadata: Metadata
    /// Where it lies, for errors.
    public let path: String

    init(_ fields: Fields) throws(FieldError) {
        path = fields.path
        price = fields.nested("pricing.price_details").price("price") ?? fields.price("price", "plan")
        quantity = try fields.integer("quantity") ?? 1
        amount = try fields.integer("amount")
        let parent = try fields.nested("parent.subscription_item_details").reference("subscription")
        let legacy = try fields.reference("subscription")
        subscription = parent ?? legacy
        isInvoiceItem =
            fields.nested("parent").string("type") == "invoice_item_details" || fields.string("type") == "invoiceitem"
        periodStart = fields.nested("period").hint("start")
        periodEnd = try fields.nested("period").time("end")
        metadata = fields.metadata
    }
}
