/// A subscription. Source: https://docs.stripe.com/api/subscriptions/object
public struct Subscription: Sendable, Hashable {
    public let id: String
    public let customer: String?
    public let status: String?
    /// `cancellation_details.reason`: `payment_failed` where Stripe gave up on an invoice.
    public let cancellationReason: String?
    public let latestInvoice: String?

    public init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        customer = try fields.customer
        status = fields.string("status")
        cancellationReason = fields.nested("cancellation_details").string("reason")
        latestInvoice = try fields.reference("latest_invoice")
    }
}
