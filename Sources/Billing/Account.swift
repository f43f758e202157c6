import Stripe

/// All that the decision about one customer needs. Values in, values out: what changed since it was loaded is
/// what has to be saved.
public struct Account: Sendable, Hashable {
    public let customer: String
    public internal(set) var subscriptions: [String: Subscription]
    /// Those that matter: unpaid debts, and whatever the events at hand name.
    public internal(set) var invoices: [String: Invoice]
    public internal(set) var purchases: [String: Purchase]
    /// Final.
    public internal(set) var isDeleted: Bool
    public internal(set) var override: Override?
    /// The balance: the sum of all ledger entries.
    public internal(set) var credits: Int64
    /// The number of the last ledger entry; nil where the ledger is empty.
    public internal(set) var lastEntry: Int64?
    /// The stored answer; nil for a customer who is new.
    public internal(set) var access: Access?

    /// The balance that the stored answer shows.
    var decidedCredits: Int64

    /// Ledger entries and timeline lines that are not saved yet.
    public internal(set) var newEntries: [CreditEntry] = []
    public internal(set) var newChanges: [AccessChange] = []

    public init(
        customer: String,
        subscriptions: [String: Subscription] = [:],
        invoices: [String: Invoice] = [:],
        purchases: [String: Purchase] = [:],
        isDeleted: Bool = false,
        override: Override? = nil,
        credits: Int64 = 0,
        lastEntry: Int64? = nil,
        access: Access? = nil
    ) {
        self.customer = customer
        self.subscriptions = subscriptions
        self.invoices = invoices
        self.purchases = purchases
        self.isDeleted = isDeleted
        self.override = override
        self.credits = credits
        self.lastEntry = lastEntry
        self.access = access
        decidedCredits = credits
    }
}
