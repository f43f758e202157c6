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
    public let currency: String?
    /// In the currency's smallest unit.
    public let amountTotal: Int64?
    /// How many credits it sells is in it.
    public let metadata: Result<Metadata, FieldError>
    public let unreadable: [FieldError]

    public init(_ object: JSON) throws(FieldError) {
        let fields = Fields(object, at: "data.object")
        id = try fields.requiredID()
        mode = try fields.word("mode")
        paymentStatus = try fields.word("payment_status")
        var unreadable = Unreadable()
        customer = unreadable.read(try fields.customer)
        paymentIntent = unreadable.read(try fields.reference("payment_intent"))
        invoice = unreadable.read(try fields.reference("invoice"))
        currency = fields.currency
        amountTotal = unreadable.read(try fields.amount("amount_total"))
        metadata = Result { () throws(FieldError) in try fields.metadata }
        self.unreadable = unreadable.errors
    }
}
