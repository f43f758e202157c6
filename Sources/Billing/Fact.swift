import Stripe

/// What one event says, in Tollgate's terms.
public enum Fact: Sendable, Hashable {
    case invoice(customer: String, Invoice, coverage: Subscription.Coverage?)
    /// A subscription, and the invoice whose failure its status tells of.
    case subscription(customer: String, Subscription, failed: Invoice?)
    case customerDeleted(customer: String)
    case purchase(customer: String, Purchase)

    public var customer: String {
        switch self {
        case .invoice(let customer, _, _), .subscription(let customer, _, _), .customerDeleted(let customer),
            .purchase(let customer, _):
            customer
        }
    }

    /// The invoice that it says something of.
    public var invoice: String? {
        switch self {
        case .invoice(_, let invoice, _): invoice.id
        case .subscription(_, _, let failed): failed?.id
        case .customerDeleted, .purchase: nil
        }
    }

    /// The purchase that it says something of.
    public var purchase: String? {
        if case .purchase(_, let purchase) = self { purchase.id } else { nil }
    }
}
