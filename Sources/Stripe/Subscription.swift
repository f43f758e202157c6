/// A subscription. Source: https://docs.stripe.com/api/subscriptions/object
public struct Subscription: Sendable, Hashable {
    public let id: String
    public let customer: String?
    public let status: String?
    /// `cancellation_details.reason`: `payment_failed` where Stripe gave up on an invoice.
    public let cancellationReason: String?
    public let latestInvoice: String?
    /// When it ended, where it has.
    public let endedAt: Timestamp?
    /// When its current period ends: since basil the latest of its items', before that its own.
    public let currentPeriodEnd: Timestamp?
    /// What becomes of its invoices while Stripe does not collect; nil while it does.
    public let pause: Pause?

    public init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        customer = try fields.customer
        status = fields.string("status")
        cancellationReason = fields.nested("cancellation_details").string("reason")
        latestInvoice = try fields.reference("latest_invoice")
        endedAt = fields.hint("ended_at")
        let items = try fields.list("items") { item throws(FieldError) in item.hint("current_period_end") }
        currentPeriodEnd = fields.hint("current_period_end") ?? items.compactMap(\.self).max()
        pause = fields["pause_collection"].map { _ in Pause(fields.nested("pause_collection")) }
    }

    /// `pause_collection`
    public struct Pause: Sendable, Hashable {
        /// `void`, `keep_as_draft` or `mark_uncollectible`.
        public let behavior: String?
        public let resumesAt: Timestamp?

        init(_ fields: Fields) {
            behavior = fields.string("behavior")
            resumesAt = fields.hint("resumes_at")
        }
    }
}
