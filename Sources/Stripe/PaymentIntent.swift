/// A PaymentIntent. Source: https://docs.stripe.com/api/payment_intents/object
public struct PaymentIntent: Sendable, Hashable {
    public let id: String
    public let customer: String?
    public let metadata: Metadata

    public init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        customer = try fields.reference("customer")
        metadata = fields.metadata
    }
}
