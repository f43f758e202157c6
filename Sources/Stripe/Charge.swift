/// A charge. Source: https://docs.stripe.com/api/charges/object
public struct Charge: Sendable, Hashable {
    public let id: String
    public let customer: String?
    public let paymentIntent: String?
    /// The invoice that it pays; gone with 2025-03-31.basil.
    public let invoice: String?
    /// In the currency's smallest unit; the whole amount where the version does not say how much was captured.
    public let amountCaptured: Int64?
    /// Cumulative over all its refunds.
    public let amountRefunded: Int64?
    /// `refunds`, embedded before 2022-11-15.
    public let refunds: [Refund]

    public init(_ object: JSON) throws(FieldError) {
        try self.init(Fields(object, at: "data.object"))
    }

    init(_ fields: Fields) throws(FieldError) {
        id = try fields.requiredID()
        customer = try fields.customer
        paymentIntent = try fields.reference("payment_intent")
        invoice = try fields.reference("invoice")
        amountCaptured = try fields.amount("amount_captured", "amount")
        amountRefunded = try fields.amount("amount_refunded")
        refunds = try fields.list("refunds") { item throws(FieldError) in try Refund(item) }
    }
}
