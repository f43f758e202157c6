/// A Checkout session. Source: https://docs.stripe.com/api/checkout/sessions/object
public struct CheckoutSession: Sendable, Hashable {
    public let id: String
    public let mode: String?
    /// `paid`, `unpaid` (a delayed method: the money may still come) or `no_payment_required`.
    public let paymentStatus: String?
    /// Nil for a guest.
    public let customer: String?
    public let paymentIntent: String?
    /// The invoice that `invoice_creation` made of the payment.
    public let invoice: String?
    /// In the currency's smallest unit.
    public let amountTotal: Int64?
    public let metadata: Metadata

    public init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        mode = fields.string("mode")
        paymentStatus = fields.string("payment_status")
        customer = try fields.customer
        paymentIntent = try fields.reference("payment_intent")
        invoice = try fields.reference("invoice")
        amountTotal = try fields.amount("amount_total")
        metadata = fields.metadata
    }
}
