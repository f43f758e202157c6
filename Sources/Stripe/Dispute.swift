/// A dispute. Names no customer: only the payment leads there, in old versions only the charge.
/// Source: https://docs.stripe.com/api/disputes/object
public struct Dispute: Sendable, Hashable {
    public let id: String
    /// In the currency's smallest unit; may differ from the charge's.
    public let amount: Int64
    public let status: String?
    public let charge: String?
    public let paymentIntent: String?

    public init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        amount = try fields.requiredAmount("amount")
        status = fields.string("status")
        charge = try fields.reference("charge")
        paymentIntent = try fields.reference("payment_intent")
    }
}
