/// An invoice as any API version renders it.
/// Source: https://docs.stripe.com/api/invoices/object and the 2025-03-31.basil changelog.
public struct Invoice: Sendable, Hashable {
    public let id: String
    public let customer: String?
    /// The subscription it bills: `parent` since basil, the top-level field before, else what its lines name.
    public let subscription: String?
    public let billingReason: String?
    /// `charge_automatically` or `send_invoice`; in the oldest versions as `billing`.
    public let collectionMethod: String?
    /// When it was made; in the oldest versions as `date`.
    public let created: Timestamp?
    /// In the currency's smallest unit.
    public let amountPaid: Int64?
    /// Where the version says so: `payment_intent` and `charge` before basil, `payments` since, where expanded.
    public let payments: [Payment]
    public let metadata: Metadata
    /// The first ones: an event embeds ten.
    public let lines: [InvoiceLine]
    public let hasMoreLines: Bool

    public init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        customer = try fields.customer
        billingReason = fields.string("billing_reason")
        collectionMethod = fields.string("collection_method") ?? fields.string("billing")
        created = fields.hint("created") ?? fields.hint("date")
        amountPaid = try fields.integer("amount_paid").map { max(0, $0) }
        metadata = fields.metadata
        let lines = try fields.list("lines") { item throws(FieldError) in try InvoiceLine(item) }
        self.lines = lines
        hasMoreLines = object.at("lines.has_more")?.bool ?? false
        let parent = try fields.nested("parent.subscription_details").reference("subscription")
        let legacy = try fields.reference("subscription")
        subscription = parent ?? legacy ?? lines.lazy.compactMap(\.subscription).first

        let listed = try fields.list("payments") { item throws(FieldError) in try Payment(item.nested("payment")) }
        payments = try ([Payment(fields)] + listed).filter { $0.paymentIntent != nil || $0.charge != nil }
    }

    /// What paid an invoice.
    public struct Payment: Sendable, Hashable {
        public let paymentIntent: String?
        public let charge: String?

        init(_ fields: Fields) throws(FieldError) {
            paymentIntent = try fields.reference("payment_intent")
            charge = try fields.reference("charge")
        }
    }

    /// The latest `lines.data[].period.end`; nil where no line carries a period.
    public var periodEnd: Timestamp? { lines.compactMap(\.periodEnd).max() }
}
