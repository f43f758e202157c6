/// A Checkout session. Source: https://docs.stripe.com/api/checkout/sessions/object
public struct CheckoutSession: Sendable, Hashable {
    public let id: String
    public let mode: String?
    /// `paid`, `unpaid` (a delayed method: the money may still come) or `no_payment_required`.
    public let paymentStatus: String?
    public let customer: String?
    public let paymentIntent: String?
    public let metadata: Metadata

    public init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        mode = fields.string("mode")
        paymentStatus = fields.string("payment_status")
        customer = try fields.reference("customer")
        paymentIntent = try fields.reference("payment_intent")
        metadata = fields.metadata
    }
}
