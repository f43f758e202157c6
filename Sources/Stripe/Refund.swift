/// A refund. Names no customer: only the payment leads there. Source: https://docs.stripe.com/api/refunds/object
public struct Refund: Sendable, Hashable {
    public let id: String
    /// In the currency's smallest unit.
    public let amount: Int64
    public let currency: String?
    /// `pending`, `requires_action`, `succeeded`, `failed` or `canceled`; nil in the oldest versions, whose refunds
    /// have all succeeded.
    public let status: String?
    public let charge: String?
    public let paymentIntent: String?
    /// Where the fields lie, for errors.
    public let path: String

    public init(_ object: JSON) throws(FieldError) {
        try self.init(Fields(object, at: "data.object"))
    }

    init(_ fields: Fields) throws(FieldError) {
        id = try fields.requiredID()
        amount = try fields.requiredAmount("amount")
        currency = fields.currency
        status = try fields.word("status")
        charge = try fields.reference("charge")
        paymentIntent = try fields.reference("payment_intent")
        path = fields.path
    }
}
