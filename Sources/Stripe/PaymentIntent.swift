/// A PaymentIntent. Source: https://docs.stripe.com/api/payment_intents/object
public struct PaymentIntent: Sendable, Hashable {
    public let id: String
    public let customer: String?
    /// In the currency's smallest unit.
    public let amountReceived: Int64?
    /// `latest_charge` since 2022-11-15.
    public let latestCharge: String?
    /// `charges`, before.
    public let charges: [Charge]
    /// The invoice that it pays; gone with 2025-03-31.basil.
    public let invoice: String?
    public let metadata: Metadata

    public init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        customer = try fields.customer
        amountReceived = try fields.amount("amount_received", "amount")
        latestCharge = try fields.reference("latest_charge")
        charges = try fields.list("charges") { item throws(FieldError) in try Charge(item) }
        invoice = try fields.reference("invoice")
        metadata = fields.metadata
    }
}
