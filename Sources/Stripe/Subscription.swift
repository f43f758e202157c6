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
        customer = try fields.reference("customer")
        status = fields.string("status")
        cancellationReason = object.at("cancellation_details.reason")?.string
        latestInvoice = try fields.reference("latest_invoice")
    }
}
