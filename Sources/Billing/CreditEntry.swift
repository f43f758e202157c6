import Stripe

/// One line of the append-only credit ledger.
public struct CreditEntry: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case topUp = "top_up"
        case grant
    }

    /// 1, 2, 3 … without a gap, per customer.
    public let number: Int64
    /// Credits, never 0.
    public let amount: Int64
    /// The balance with this entry: the one before plus `amount`.
    public let balance: Int64
    public let kind: Kind
    /// What makes the entry happen once, whatever is delivered twice.
    public let businessKey: String
    public let cause: Cause

    public init(number: Int64, amount: Int64, balance: Int64, kind: Kind, businessKey: String, cause: Cause) {
        self.number = number
        self.amount = amount
        self.balance = balance
        self.kind = kind
        self.businessKey = businessKey
        self.cause = cause
    }
}
