import Stripe

/// What one event says, in Tollgate's terms.
public enum Fact: Sendable, Hashable {
    case invoice(customer: String, Invoice, coverage: Subscription.Coverage?)
    case purchase(customer: String, Purchase)

    public var customer: String {
        switch self {
        case .invoice(let customer, _, _), .purchase(let customer, _): customer
        }
    }
}
